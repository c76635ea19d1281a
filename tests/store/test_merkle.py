"""The tree over the journal: whatever its size, proofs show what is so, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.merkle import EMPTY_ROOT, Peaks, Tree, leaf_hash, node_hash
from store.merkle import proves_consistency as ours_of_growth
from store.merkle import proves_inclusion as ours_of_place
from tocsin.evidence.verify import extends, includes

SIZES = st.integers(1, 70)


def proves_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """What both say, we and the verifier that stands alone."""
    ours, alone = ours_of_place(leaf, index, size, proof, root), includes(leaf, index, size, proof, root)
    assert ours == alone
    return ours


def proves_consistency(old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    """What both say, we and the verifier that stands alone."""
    ours, alone = ours_of_growth(old, new, proof, old_root, new_root), extends(old, new, proof, old_root, new_root)
    assert ours == alone
    return ours


def leaves(size: int) -> list[bytes]:
    """The hashes of so many different entries."""
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(size)]


def grown(size: int) -> Peaks:
    """A tree to which so many entries were added, one after the other."""
    peaks = Peaks()
    for leaf in leaves(size):
        peaks = peaks.with_leaf(leaf)
    return peaks


@given(SIZES)
def test_a_tree_that_grew_is_the_one_that_was_built(size: int) -> None:
    assert grown(size).root() == Tree(leaves(size)).root(size)
    assert grown(size).size == size == len(Tree(leaves(size)))


@given(SIZES, st.data())
def test_a_whole_tree_knows_what_it_was(size: int, data: st.DataObject) -> None:
    earlier = data.draw(st.integers(0, size))

    assert Tree(leaves(size)).root(earlier) == grown(earlier).root()


@given(SIZES)
def test_what_is_kept_of_a_tree_is_enough_to_go_on(size: int) -> None:
    kept = Peaks.from_bytes(size, grown(size).to_bytes())

    assert kept == grown(size)
    assert len(kept.hashes) == size.bit_count()


@pytest.mark.parametrize("wrong", [b"", bytes(31), bytes(33), bytes(64)])
def test_what_cannot_be_of_a_tree_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match="subtrees"):
        Peaks.from_bytes(8, wrong)


@given(SIZES, st.data())
def test_an_entry_is_shown_at_its_place_and_at_no_other(size: int, data: st.DataObject) -> None:
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(-2, size + 1))
    tree, all_leaves = Tree(leaves(size)), leaves(size)
    proof, root = tree.inclusion(index, size), tree.root(size)

    assert proves_inclusion(all_leaves[index], index, size, proof, root)
    assert proves_inclusion(all_leaves[index], other, size, proof, root) is (other == index)
    if 0 <= other < size:
        assert proves_inclusion(all_leaves[other], index, size, proof, root) is (other == index)


@given(SIZES, st.data())
def test_a_proof_that_was_altered_shows_nothing(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    tree, leaf = Tree(leaves(size)), leaves(size)[index]
    proof, root = tree.inclusion(index, size), tree.root(size)

    assert not proves_inclusion(leaf, index, size, [*proof, bytes(32)], root)
    assert not proves_inclusion(leaf, index, size, proof, bytes(32))
    for at in range(len(proof)):
        assert not proves_inclusion(leaf, index, size, proof[:at] + proof[at + 1 :], root)
        assert not proves_inclusion(leaf, index, size, [*proof[:at], bytes(32), *proof[at + 1 :]], root)


@given(SIZES, st.data())
def test_growth_is_shown_from_every_earlier_size_and_from_no_other_tree(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    tree = Tree(leaves(size))
    proof, before, after = tree.consistency(old, size), tree.root(old), tree.root(size)

    assert proves_consistency(old, size, proof, before, after)
    assert not proves_consistency(old, size, proof, bytes(32), after)
    assert not proves_consistency(old, size, proof, before, bytes(32))
    assert not proves_consistency(old, size, [*proof, bytes(32)], before, after)
    for at in range(len(proof)):
        assert not proves_consistency(old, size, proof[:at] + proof[at + 1 :], before, after)
        assert not proves_consistency(old, size, [*proof[:at], bytes(32), *proof[at + 1 :]], before, after)


@given(SIZES, st.data())
def test_a_proof_of_growth_is_for_its_two_sizes_only(size: int, data: st.DataObject) -> None:
    old, other = data.draw(st.integers(1, size)), data.draw(st.integers(1, size))
    tree = Tree(leaves(size))
    proof = tree.consistency(old, size)

    assert proves_consistency(other, size, proof, tree.root(other), tree.root(size)) is (other == old)


def test_growth_is_shown_between_any_two_sizes_of_a_small_tree() -> None:
    tree = Tree(leaves(40))

    for new in range(1, 41):
        for old in range(1, new + 1):
            proof = tree.consistency(old, new)
            assert proves_consistency(old, new, proof, tree.root(old), tree.root(new)), (old, new)
            assert not proves_consistency(old, new, proof, tree.root(old - 1), tree.root(new)), (old, new)


def test_every_entry_of_a_small_tree_is_shown_at_every_size() -> None:
    tree, hashes = Tree(leaves(40)), leaves(40)

    for size in range(1, 41):
        for index in range(size):
            proof = tree.inclusion(index, size)
            assert proves_inclusion(hashes[index], index, size, proof, tree.root(size)), (index, size)
            assert not proves_inclusion(hashes[index], index, size, proof, tree.root(size - 1)), (index, size)


def test_a_tree_that_only_stayed_needs_no_proof_and_takes_none() -> None:
    root = Tree(leaves(5)).root(5)

    assert proves_consistency(5, 5, [], root, root)
    assert not proves_consistency(5, 5, [root], root, root)
    assert not proves_consistency(5, 5, [], root, bytes(32))


@pytest.mark.parametrize(("old", "new"), [(0, 5), (-1, 5), (6, 5)])
def test_sizes_that_make_no_sense_show_nothing(old: int, new: int) -> None:
    tree = Tree(leaves(6))

    assert not proves_consistency(old, new, [], EMPTY_ROOT, tree.root(5))
    with pytest.raises(ValueError, match="never"):
        Tree(leaves(5)).consistency(old, new)


def test_growth_without_a_proof_is_not_shown() -> None:
    tree = Tree(leaves(6))

    assert not proves_consistency(3, 6, [], tree.root(3), tree.root(6))
    assert not proves_consistency(4, 6, [], tree.root(4), tree.root(6))


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 6), (0, 0)])
def test_what_was_never_in_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="never"):
        Tree(leaves(5)).inclusion(index, size)
    assert not proves_inclusion(leaves(1)[0], index, min(size, 5), [], leaves(1)[0])


def test_a_tree_was_never_larger_than_it_is() -> None:
    with pytest.raises(ValueError, match="never"):
        Tree(leaves(5)).root(6)


def test_no_leaf_can_be_shown_as_a_node() -> None:
    left, right = leaves(2)

    assert leaf_hash(left + right) != node_hash(left, right)
    assert node_hash(left, right) != node_hash(right, left)
