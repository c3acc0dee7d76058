/* convcore for every language that can call C. Opaque handles, status codes; no exception crosses this line.
 *
 * Every function that can fail returns a cc_status; cc_last_error() then has the text, for the calling thread. Pointers that
 * a function hands out live as long as the model. Functions that change no variable may be called on one model from any
 * number of threads; cc_train_step, cc_reset_metrics, cc_set_variable and cc_run of a function that changes variables need
 * it alone. */
#ifndef CONVCORE_C_API_H
#define CONVCORE_C_API_H

#include <stddef.h>
#include <stdint.h>

#include "convcore/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  CC_OK = 0,
  CC_ERROR = 1,        /* an argument or a shape is not what it must be */
  CC_MODEL_FORMAT = 2, /* a file is damaged, hostile, or not a model */
  CC_NO_MEMORY = 3,
  CC_INTERNAL = 4 /* a defect of the library */
} cc_status;

typedef enum {
  CC_BOOL,
  CC_UINT8,
  CC_INT32,
  CC_UINT32,
  CC_INT64,
  CC_FLOAT32,
  CC_FLOAT64,
  CC_FLOAT16,
  CC_BFLOAT16,
  CC_INT8,
  CC_INT16,
  CC_UINT16
} cc_dtype;

enum { CC_MAX_RANK = 8 };

/* C-contiguous memory of the caller. In specs, data is null, name is set, and -1 stands for a size bound at run time. */
typedef struct {
  void* data;
  const char* name;
  int64_t shape[CC_MAX_RANK];
  int32_t rank;
  cc_dtype dtype;
} cc_tensor;

typedef struct cc_model cc_model;

CONVCORE_API const char* cc_version(void);
CONVCORE_API const char* cc_last_error(void); /* of the calling thread; "" before the first failure */

CONVCORE_API cc_status cc_set_num_threads(int n); /* from 1 to 256; 0: the default */
CONVCORE_API int cc_num_threads(void);
CONVCORE_API const char* cc_isa(void);

/* convcore/activation.h says what such a function may do. derivative may be null: then models predict, but do not train. */
typedef void (*cc_activation_fn)(const float* x, float* y, size_t n);
CONVCORE_API cc_status cc_register_activation(const char* name, cc_activation_fn value, cc_activation_fn derivative);

/* *model stays what it was where loading fails. */
CONVCORE_API cc_status cc_model_load(const char* path, cc_model** model);
CONVCORE_API cc_status cc_model_load_bytes(const void* bytes, size_t size, cc_model** model); /* the bytes are copied */
CONVCORE_API void cc_model_free(cc_model* model);                                             /* null is fine */
CONVCORE_API cc_status cc_model_save(const cc_model* model, const char* path);

CONVCORE_API size_t cc_function_count(const cc_model* model);
CONVCORE_API const char* cc_function_name(const cc_model* model, size_t index); /* null beyond the last */

CONVCORE_API cc_status cc_input_count(const cc_model* model, const char* function, size_t* count);
CONVCORE_API cc_status cc_output_count(const cc_model* model, const char* function, size_t* count);
CONVCORE_API cc_status cc_input_spec(const cc_model* model, const char* function, size_t index, cc_tensor* spec);
CONVCORE_API cc_status cc_output_spec(const cc_model* model, const char* function, size_t index, cc_tensor* spec);

/* The types that cc_run would write for inputs of these shapes; their data is not read. Fills dtype, rank and shape of
 * outputs[0 .. output_count). */
CONVCORE_API cc_status cc_output_shapes(const cc_model* model, const char* function, const cc_tensor* inputs,
                                        size_t input_count, cc_tensor* outputs, size_t output_count);
/* Writes into outputs[i].data, whose dtypes and shapes must be those of cc_output_shapes. */
CONVCORE_API cc_status cc_run(cc_model* model, const char* function, const cc_tensor* inputs, size_t input_count,
                              const cc_tensor* outputs, size_t output_count);
/* One input, one output: reads and writes batches of images or whatever the model takes. */
CONVCORE_API cc_status cc_predict(const cc_model* model, const cc_tensor* x, const cc_tensor* y);

/* One batch of training; results[i] belongs to cc_output_spec(model, "train_step", i). */
CONVCORE_API cc_status cc_train_step(cc_model* model, const cc_tensor* x, const cc_tensor* y, double* results,
                                     size_t result_count);
CONVCORE_API cc_status cc_reset_metrics(cc_model* model);

CONVCORE_API size_t cc_variable_count(const cc_model* model);
CONVCORE_API cc_status cc_variable_spec(const cc_model* model, size_t index, cc_tensor* spec);
CONVCORE_API cc_status cc_get_variable(const cc_model* model, const char* name, const cc_tensor* value);
CONVCORE_API cc_status cc_set_variable(cc_model* model, const char* name, const cc_tensor* value);

/* Runs the sample in the file. *max_error is relative to the largest magnitude; CC_ERROR where it is above 1e-4. */
CONVCORE_API cc_status cc_verify(const cc_model* model, double* max_error);

#ifdef __cplusplus
}
#endif

#endif
