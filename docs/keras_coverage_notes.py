"""What `keras_coverage.py` cannot know: which modules are compared, what must be there, and the reasons for
what is left out.
"""

from convcore.core import out_of_scope

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
    "wrappers",
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
    """Every name in every room, both separated by spaces; the room without a name is `keras` itself."""
    return {f"{room}.{name}".lstrip(".") for room in rooms.split(" ") for name in names.split()}


# Why what is absent on purpose is absent. "module.*" is a whole module.
OUT_OF_SCOPE = {
    reason: set().union(*(_names(modules, listed) for modules, listed in names.items()))
    for reason, names in out_of_scope.NAMES.items()
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
}
