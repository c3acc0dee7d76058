"""What `keras_coverage.py` cannot know: which modules are compared, what must be there, and the reasons for
what is left out.
"""

FAMILIES = (
    "",
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "callbacks",
    "activations",
    "initializers",
    "regularizers",
    "constraints",
    "ops",
    "ops.nn",
    "ops.numpy",
    "ops.image",
    "ops.linalg",
    "utils",
    "utils.bounding_boxes",
    "models",
    "saving",
    "applications",
    "datasets",
    "random",
    "preprocessing.image",
    "preprocessing.sequence",
    "backend",
    "config",
    "tree",
)

# What a convolutional network may need first: the check fails when one of them is gone.
NEEDED = {
    "layers": """
        Conv1D Conv2D Conv3D Convolution1D Convolution2D Convolution3D DepthwiseConv1D DepthwiseConv2D
        SeparableConv1D SeparableConv2D Conv1DTranspose Conv2DTranspose Conv3DTranspose
        MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
        GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlobalAveragePooling1D
        GlobalAveragePooling2D GlobalAveragePooling3D AdaptiveAveragePooling1D AdaptiveAveragePooling2D
        AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
        L2Pooling1D L2Pooling2D L2Pooling3D GlobalL2Pooling1D GlobalL2Pooling2D GlobalL2Pooling3D
        ReLU LeakyReLU PReLU ELU Softmax Activation Dense Input InputLayer Flatten Reshape Permute
        RepeatVector ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D
        UpSampling1D UpSampling2D UpSampling3D Add Subtract Multiply Average Maximum Minimum Concatenate Dot
        add subtract multiply average maximum minimum concatenate dot Identity Lambda Layer
        BatchNormalization LayerNormalization GroupNormalization RMSNormalization UnitNormalization
        Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianDropout GaussianNoise AlphaDropout
        ActivityRegularization Rescaling Normalization Resizing CenterCrop RandomFlip RandomRotation
        RandomTranslation RandomZoom RandomCrop RandomContrast RandomBrightness""",
    "activations": """
        relu relu6 leaky_relu elu selu celu gelu silu swish mish hard_sigmoid hard_silu sigmoid tanh softsign
        softplus exponential linear log_sigmoid log_softmax softmax soft_shrink hard_shrink tanh_shrink
        hard_tanh threshold sparse_plus sparse_sigmoid squareplus glu sparsemax""",
    "initializers": """
        Zeros Ones Constant Identity RandomNormal RandomUniform TruncatedNormal GlorotUniform GlorotNormal
        HeUniform HeNormal LecunUniform LecunNormal VarianceScaling Orthogonal""",
    "regularizers": "L1 L2 L1L2",
    "constraints": "MaxNorm UnitNorm MinMaxNorm NonNeg",
    "losses": """
        MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredLogarithmicError
        BinaryCrossentropy CategoricalCrossentropy SparseCategoricalCrossentropy BinaryFocalCrossentropy
        CategoricalFocalCrossentropy Huber LogCosh KLDivergence Poisson Hinge SquaredHinge CategoricalHinge
        CosineSimilarity Dice Tversky""",
    "metrics": """
        Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy TopKCategoricalAccuracy
        SparseTopKCategoricalAccuracy Precision Recall TruePositives TrueNegatives FalsePositives
        FalseNegatives AUC F1Score FBetaScore RootMeanSquaredError R2Score CosineSimilarity Mean Sum""",
    "optimizers": "SGD Adam AdamW RMSprop Adagrad Adadelta Adamax Nadam Ftrl Lion Lamb",
    "optimizers.schedules": """
        ExponentialDecay InverseTimeDecay PiecewiseConstantDecay PolynomialDecay CosineDecay
        CosineDecayRestarts LearningRateSchedule""",
    "callbacks": """
        Callback EarlyStopping ModelCheckpoint ReduceLROnPlateau LearningRateScheduler CSVLogger
        TerminateOnNaN BackupAndRestore LambdaCallback History ProgbarLogger""",
}


def _names(rooms: str, names: str) -> set[str]:
    """Every name in every room, both separated by spaces."""
    return {f"{room}.{name}" for room in rooms.split() for name in names.split()}


# Why what is absent on purpose is absent. "module.*" is a whole module.
OUT_OF_SCOPE = {
    "recurrent networks": _names(
        "layers",
        """RNN LSTM LSTMCell GRU GRUCell SimpleRNN SimpleRNNCell StackedRNNCells Bidirectional ConvLSTM1D
        ConvLSTM2D ConvLSTM3D""",
    ),
    "attention": _names(
        "layers",
        "Attention AdditiveAttention MultiHeadAttention GroupQueryAttention ReversibleEmbedding",
    )
    | _names("ops ops.nn", "dot_product_attention")
    | _names("config", "enable_flash_attention disable_flash_attention is_flash_attention_enabled"),
    "text, tables and audio": _names(
        "layers",
        """TextVectorization StringLookup IntegerLookup Hashing HashedCrossing MelSpectrogram
        STFTSpectrogram CategoryEncoding Discretization""",
    )
    | _names("ops ops.nn", "ctc_decode")
    | _names(
        "utils",
        "timeseries_dataset_from_array FeatureSpace text_dataset_from_directory audio_dataset_from_directory",
    )
    | _names("datasets", "imdb reuters boston_housing california_housing")
    | _names("initializers", "STFT STFTInitializer stft"),
    "quantization (int8 convolutions are a plan of convcore's own)": {
        "Quantizer",
        "quantizers",
    },
    "other backends and their runtimes; convcore is one engine": _names(
        "layers", "TFSMLayer FlaxLayer JaxLayer TorchModuleWrapper"
    )
    | _names("config", "is_nnx_enabled set_backend")
    | {"callbacks.OrbaxCheckpoint", "callbacks.RemoteMonitor", "device"}
    | {"RematScope", "remat", "StatelessScope", "SymbolicScope"},
    "many devices, and models that teach others": {"distribution", "distillation"},
    "formats of other runtimes": {"export"},
    "tracebacks are whole, and nothing in a file is ever executed": _names(
        "config",
        """enable_traceback_filtering disable_traceback_filtering is_traceback_filtering_enabled
        enable_unsafe_deserialization""",
    ),
    "bounding boxes in layers (`utils.bounding_boxes` has functions of them)": {"layers.MaxNumBoundingBoxes"},
    "complex numbers and spectra; convcore has no complex tensors": _names(
        "ops ops.numpy ops.nn",
        """angle conj conjugate imag real isreal fft fft2 ifft2 rfft irfft stft istft extract_sequences
        view_as_complex view_as_real polar""",
    ),
    "matrix decompositions; NumPy has them for arrays": _names(
        "ops ops.linalg ops.numpy",
        """cholesky cholesky_inverse det eig eigh inv jvp logdet lstsq lu_factor matrix_rank pinv qr slogdet
        solve solve_triangular svd""",
    ),
}

# Arguments of which some values are refused: (name, what is taken).
UNUSUAL = [
    ("`bounding_box_format` of image layers", "`None`"),
    ("`fill_mode` of `ops.image.resize`", "`constant`"),
]

_NAME = "a name, kept for configurations and messages"
_ONE_DEVICE = "there is one device: every batch is whole"
# Arguments that nothing reads, by name or as `module.name(argument)`: why that is right.
UNREAD = {
    "synchronized": _ONE_DEVICE,
    "aggregation": _ONE_DEVICE,
    "synchronization": _ONE_DEVICE,
    "name": _NAME,
    "sorted": "a hint: the results are the same, in ascending or descending order, either way",
    "assume_unique": "a hint: the result is the same either way",
    "ops.argpartition(kth)": "all elements are sorted, so the first `kth` are the smallest for every `kth`",
    "free_memory": "memory is returned when the last object that uses it goes",
    "safe_mode": "files are always read as in safe mode: nothing in them is executed",
    "autocast": "read where layers are called",
    "layers.InputLayer(shape)": "read where models are built",
    "layers.InputLayer(batch_size)": "read where models are built",
    "layers.InputLayer(batch_shape)": "read where models are built",
    "callbacks.TensorBoard(write_graph)": "there is no TensorFlow graph; `model.explain()` prints the plan",
    "tree.assert_same_structure(check_types)": "types of containers are always compared, as in Keras 3.15",
    "models.clone_model(recursive)": "submodels are part of the configuration and always copied",
    "utils.bounding_boxes.pad(height)": "what is added behind moves no box",
    "utils.bounding_boxes.pad(width)": "what is added behind moves no box",
    "self": "a function made of a method",
}
