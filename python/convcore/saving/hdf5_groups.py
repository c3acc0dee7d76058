"""The members of an HDF5 group, from symbol tables (what Keras writes) or from link messages."""

from .errors import refuse
from .hdf5_bytes import UNDEFINED, Reader
from .hdf5_headers import LINK, LINK_INFO, SYMBOL_TABLE

_HARD, _SOFT, _EXTERNAL = 0, 1, 64
_KINDS = {_SOFT: "a soft link (SoftLink)", _EXTERNAL: "an external link (ExternalLink)"}


def read_members(source, messages, what):
    """Returns {member name: object header address}; None if the object is not a group."""
    if SYMBOL_TABLE in messages:
        table = messages[SYMBOL_TABLE][0]
        return _symbol_table(source, table.uint(0, 8, what), table.uint(8, 8, what), what)
    if LINK_INFO not in messages and LINK not in messages:
        return None
    for info in messages.get(LINK_INFO, []):
        _refuse_dense(source, info, what)
    return dict(_link(body, what) for body in messages.get(LINK, []))


def _symbol_table(source, tree, heap, what):
    """Walks the B-tree of an old-style group; every node is visited at most once."""
    source.expect(heap, b"HEAP", what)
    names = source.block(source.uint(heap + 24, 8, what), source.uint(heap + 8, 8, what), what)
    members, pending, seen = {}, [tree], set()
    while pending:
        node = pending.pop()
        if node in seen:
            raise refuse(f"{source.where}: {what}", "a tree of groups", f"node {node} twice")
        seen.add(node)
        if bytes(source.take(node, 4, what)) == b"SNOD":
            members.update(_symbols(source, node, names, what))
            continue
        source.expect(node, b"TREE", what)
        kind, count = source.uint(node + 4, 1, what), source.uint(node + 6, 2, what)
        if kind != 0:
            raise refuse(f"{source.where}: {what}", "a B-tree of group members", f"a B-tree of type {kind}")
        pending.extend(source.uint(node + 32 + 16 * child, 8, what) for child in range(count))
    return members


def _symbols(source, node, names, what):
    for index in range(source.uint(node + 6, 2, what)):
        entry = Reader(source, what, node + 8 + 40 * index)
        name = names.text(entry.uint(8), what)
        address, cache_type = entry.uint(8), entry.uint(4)
        if cache_type == 2:
            raise _refused_link(source, what, name, _SOFT)
        yield name, address


def _link(body, what):
    """(name, address) of one link message."""
    reader = Reader(body, what)
    version, flags = reader.uint(1), reader.uint(1)
    if version != 1:
        raise refuse(f"{body.where}", "a link message of version 1", f"version {version}")
    kind = reader.uint(1) if flags & 0x8 else _HARD
    reader.skip(8 if flags & 0x4 else 0).skip(1 if flags & 0x10 else 0)
    name = body.decode(reader.take(reader.uint(1 << (flags & 3))), what)
    if kind != _HARD:
        raise _refused_link(body, what, name, kind)
    return name, reader.uint(8)


def _refused_link(source, what, name, kind):
    return refuse(
        f"{source.where}: {what}",
        f"{name!r} to be stored in the file itself",
        _KINDS.get(kind, f"a link of type {kind}"),
        "convcore never follows links out of a saved group.",
    )


def _refuse_dense(source, info, what):
    flags = info.uint(1, 1, what)
    if info.uint(2 + (8 if flags & 1 else 0), 8, what) != UNDEFINED:
        raise refuse(
            f"{source.where}: {what}",
            "a group as Keras writes it (symbol table or compact links)",
            "a group with dense link storage",
            "Save the model again with Keras or with h5py's default libver.",
        )
