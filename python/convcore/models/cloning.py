"""clone_model: the same architecture with new weights."""


def clone_model(
    model, input_tensors=None, clone_function=None, call_function=None, recursive=False, custom_objects=None
):
    """A model of the same architecture and names, with freshly initialised weights; compiled if ``model`` is.

    Args:
        model: A Sequential, functional or configurable subclassed model.
        clone_function: Accepted only as None, like the other arguments that change the copy.
    """
    if any(x is not None for x in (input_tensors, clone_function, call_function)):
        raise ValueError("clone_model: expected input_tensors, clone_function and call_function to be None")
    copy = type(model).from_config(
        model.get_config(), **({"custom_objects": custom_objects} if custom_objects else {})
    )
    from .. import saving

    compile_config = model.get_compile_config()
    if compile_config:
        copy.compile_from_config(saving.deserialize_keras_object(compile_config))
    return copy
