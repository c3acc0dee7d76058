"""LeNet-5 and U-Net as a user of Keras would write them: applications of ours that Keras does not have."""

from keras import Input, Model, layers


def LeNet(input_shape, classes, classifier_activation):
    """LeCun et al., 1998, with tanh, average pooling and full connections."""
    image = Input(input_shape)
    x = layers.Conv2D(6, (5, 5), padding="same", activation="tanh", name="conv1")(image)
    x = layers.AveragePooling2D((2, 2), name="pool1")(x)
    x = layers.Conv2D(16, (5, 5), activation="tanh", name="conv2")(x)
    x = layers.AveragePooling2D((2, 2), name="pool2")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(120, activation="tanh", name="fc1")(x)
    x = layers.Dense(84, activation="tanh", name="fc2")(x)
    return Model(image, layers.Dense(classes, activation=classifier_activation, name="predictions")(x))


def UNet(input_shape, classes, classifier_activation):
    """Ronneberger et al., 2015, with padding and batch normalisation."""
    image = Input(input_shape)
    down0 = twice(image, 64, "down0")
    down1 = twice(layers.MaxPooling2D(name="down0_pool")(down0), 128, "down1")
    down2 = twice(layers.MaxPooling2D(name="down1_pool")(down1), 256, "down2")
    down3 = twice(layers.MaxPooling2D(name="down2_pool")(down2), 512, "down3")
    x = twice(layers.MaxPooling2D(name="down3_pool")(down3), 1024, "bottom")
    x = up(x, down3, 512, "up3")
    x = up(x, down2, 256, "up2")
    x = up(x, down1, 128, "up1")
    x = up(x, down0, 64, "up0")
    return Model(image, layers.Conv2D(classes, 1, activation=classifier_activation, name="predictions")(x))


def twice(x, filters, name):
    for i in ("1", "2"):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=name + "_conv" + i)(x)
        x = layers.ReLU(name=name + "_relu" + i)(layers.BatchNormalization(name=name + "_bn" + i)(x))
    return x


def up(x, beside, filters, name):
    x = layers.Conv2DTranspose(filters, 2, strides=2, name=name + "_upsample")(x)
    return twice(layers.Concatenate(name=name + "_concat")([beside, x]), filters, name)
