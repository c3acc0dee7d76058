"""What of Keras is left out on purpose, and why: for messages, and for docs/keras_coverage.py."""

# reason -> {modules: names}
NAMES = {
    "recurrent networks": {
        "layers": """RNN LSTM LSTMCell GRU GRUCell SimpleRNN SimpleRNNCell StackedRNNCells Bidirectional
            ConvLSTM1D ConvLSTM2D ConvLSTM3D""",
    },
    "attention": {
        "layers": "Attention AdditiveAttention MultiHeadAttention GroupQueryAttention ReversibleEmbedding",
        "ops ops.nn": "dot_product_attention",
        "config": "enable_flash_attention disable_flash_attention is_flash_attention_enabled",
    },
    "text, tables and audio": {
        "layers": """TextVectorization StringLookup IntegerLookup Hashing HashedCrossing MelSpectrogram
            STFTSpectrogram CategoryEncoding Discretization""",
        "ops ops.nn": "ctc_decode",
        "utils": """timeseries_dataset_from_array FeatureSpace text_dataset_from_directory
            audio_dataset_from_directory""",
        "datasets": "imdb reuters boston_housing california_housing",
        "initializers": "STFT STFTInitializer stft",
    },
    "quantization (int8 convolutions are a plan of convcore's own)": {"": "Quantizer quantizers"},
    "other backends and their runtimes; convcore is one engine": {
        "layers": "TFSMLayer FlaxLayer JaxLayer TorchModuleWrapper",
        "config": "is_nnx_enabled set_backend",
        "callbacks": "OrbaxCheckpoint RemoteMonitor",
        "": "device RematScope remat StatelessScope SymbolicScope",
    },
    "many devices, and models that teach others": {"": "distribution distillation"},
    "formats of other runtimes": {"": "export"},
    "tracebacks are whole, and nothing in a file is ever executed": {
        "config": """enable_traceback_filtering disable_traceback_filtering is_traceback_filtering_enabled
            enable_unsafe_deserialization""",
    },
    "bounding boxes in layers (`utils.bounding_boxes` has functions of them)": {
        "layers": "MaxNumBoundingBoxes",
    },
    "complex numbers and spectra; convcore has no complex tensors": {
        "ops ops.numpy ops.nn": """angle conj conjugate imag real isreal fft fft2 ifft2 rfft irfft stft istft
            extract_sequences view_as_complex view_as_real polar""",
    },
    "matrix decompositions; NumPy has them for arrays": {
        "ops ops.linalg ops.numpy": """cholesky cholesky_inverse det eig eigh inv jvp logdet lstsq lu_factor
            matrix_rank pinv qr slogdet solve solve_triangular svd""",
    },
}


def reason(module, name):
    """Why `convcore.<module>` lacks a name of Keras's, or None."""
    module = module.partition(".")[2]
    for why, names in NAMES.items():
        if any(module in modules.split(" ") and name in listed.split() for modules, listed in names.items()):
            return why
    return None
