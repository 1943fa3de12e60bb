package nn.train.group;

import java.util.ArrayList;
import java.util.List;
import nn.train.internal.shard.Parts;

/**
 * Who of the members of a group computes which shards, and which sums move between them. Member r computes the shards
 * from ceil(V r / N) to ceil(V (r + 1) / N), the second excluded. A subtree belongs to the member that computes its
 * first shard. Where two partners belong to two members, the right one's sum moves to the left one's owner. All members
 * go through these moves in the same order, so nobody waits in a circle.
 *
 * @param shards their number V
 * @param members their number N, at most V
 */
record ShardTree(int shards, int members) {
    /**
     * A sum that moves.
     *
     * @param from the member that has it
     * @param to the member that adds it to the sum of the partner
     * @param shard the first shard of the subtree
     * @param width of the subtree
     */
    record Move(int from, int to, int shard, int width) {}

    /** Returns the first shard of a member; for the number of members, the number of shards. */
    int first(int member) {
        return Parts.first(shards, members, member);
    }

    /** Returns the member that computes a shard. */
    int owner(int shard) {
        return (int) ((long) shard * members / shards);
    }

    /** Returns all moves, from the leaves to the root. */
    List<Move> moves() {
        List<Move> moves = new ArrayList<>();
        for (int width = 1; width < shards; width *= 2) {
            for (int left = 0; left + width < shards; left += 2 * width) {
                int right = left + width;
                if (owner(left) != owner(right)) {
                    moves.add(new Move(owner(right), owner(left), right, width));
                }
            }
        }
        return List.copyOf(moves);
    }

    /** Returns from whom a member other than 0 gets the sum of all: its rank without the lowest bit. */
    static int parent(int member) {
        return member & (member - 1);
    }

    /** Returns who gets the sum of all from a member. */
    List<Integer> children(int member) {
        List<Integer> children = new ArrayList<>();
        for (int bit = 1; member + bit < members && (member & bit) == 0; bit *= 2) {
            children.add(member + bit);
        }
        return List.copyOf(children);
    }
}
