/* predict_c MODEL: the C interface. Runs a model with one input and one output on zeros and prints what comes out. */
#include <convcore/c_api.h>
#include <stdio.h>
#include <stdlib.h>

static int failed(const char* what) {
  fprintf(stderr, "%s: %s\n", what, cc_last_error());
  return 1;
}

static size_t elements(const cc_tensor* tensor) {
  size_t count = 1;
  for (int32_t i = 0; i < tensor->rank; ++i) count *= (size_t)tensor->shape[i];
  return count;
}

int main(int argc, char** argv) {
  cc_model* model = NULL;
  cc_tensor x, y;
  int status = 0;
  if (argc != 2) return fprintf(stderr, "usage: predict_c MODEL\n"), 2;
  if (cc_model_load(argv[1], &model) != CC_OK) return failed("load");
  if (cc_input_spec(model, "predict", 0, &x) != CC_OK) return failed("spec");
  for (int32_t i = 0; i < x.rank; ++i)
    if (x.shape[i] < 0) x.shape[i] = i == 0 ? 1 : 32; /* sizes that the model leaves open */
  x.data = calloc(elements(&x), sizeof(float));
  if (cc_output_shapes(model, "predict", &x, 1, &y, 1) != CC_OK) return failed("shapes");
  y.data = calloc(elements(&y), sizeof(float));
  if (cc_predict(model, &x, &y) != CC_OK) {
    status = failed("predict");
  } else {
    for (size_t i = 0; i < elements(&y); ++i) printf("%.6f\n", (double)((float*)y.data)[i]);
  }
  free(x.data);
  free(y.data);
  cc_model_free(model);
  return status;
}
