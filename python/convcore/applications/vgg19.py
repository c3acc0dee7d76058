"""VGG19."""

from .frame import application
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing
from .vgg16 import SOURCE, vgg

preprocess_input = preprocessing("caffe")

VGG19 = application(
    "VGG19",
    "vgg19",
    lambda frame: vgg(frame, (2, 2, 4, 4, 4)),
    f"VGG19: 16 convolutions and three dense layers ({SOURCE}, configuration E).",
)
