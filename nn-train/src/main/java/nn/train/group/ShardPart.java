package nn.train.group;

import java.nio.ByteBuffer;
import nn.train.internal.shard.ShardMessage;
import nn.train.io.DataFormatException;

/**
 * What members of a group ask each other for.
 *
 * @param kind of message
 * @param step its number; 0 if it belongs to none
 * @param shard the first one of a subtree; the rank of the member that is asked, if it belongs to no step
 * @param width of the subtree; 0 if there is none
 * @param batch a fingerprint of the step's batch; 0 if there is none
 */
record ShardPart(ShardMessage.Kind kind, long step, int shard, int width, long batch) {
    /** The longest question. */
    static final int MOST = ShardMessage.HEAD + 2 * Integer.BYTES + ShardMessage.TAIL;

    /** Returns what a member says of itself, which belongs to no step. */
    static ShardPart of(ShardMessage.Kind kind, int rank) {
        return new ShardPart(kind, 0, rank, 0, 0);
    }

    /** Returns the sum of a subtree. */
    static ShardPart sum(long step, int shard, int width, long batch) {
        return new ShardPart(ShardMessage.Kind.RESULT, step, shard, width, batch);
    }

    /**
     * A question.
     *
     * @param part what is asked for
     * @param rank of the member that asks
     */
    record Question(ShardPart part, int rank) {
        ByteBuffer message() {
            return ShardMessage.end(part.begin(ShardMessage.Kind.ASK, 2 * Integer.BYTES)
                    .putInt(part.kind.ordinal())
                    .putInt(rank));
        }

        static Question read(ByteBuffer message) throws DataFormatException {
            ShardMessage.Head head = ShardMessage.read(message, ShardMessage.Kind.ASK);
            ByteBuffer in = head.contents();
            ShardMessage.Kind[] kinds = ShardMessage.Kind.values();
            int kind = in.remaining() == 2 * Integer.BYTES ? in.getInt() : -1;
            if (kind < 0 || kind >= kinds.length) {
                throw ShardMessage.bad("a question for the unknown kind " + kind);
            }
            return new Question(
                    new ShardPart(kinds[kind], head.step(), head.shard(), head.width(), head.recipe()), in.getInt());
        }
    }

    /** Begins a message about it with room for its contents. */
    ByteBuffer begin(ShardMessage.Kind of, long contents) {
        return ShardMessage.begin(of, batch, step, shard, width, contents);
    }

    /** Refuses an answer about something else; any answer may be that the other member waits, has failed or refuses. */
    void requireAbout(ShardMessage.Head head) throws DataFormatException {
        boolean isKind = head.kind() == kind
                || head.kind() == ShardMessage.Kind.WAIT
                || head.kind() == ShardMessage.Kind.FAILED
                || head.kind() == ShardMessage.Kind.REFUSED;
        if (!isKind || head.step() != step || head.shard() != shard || head.width() != width) {
            throw ShardMessage.bad(new ShardPart(head.kind(), head.step(), head.shard(), head.width(), 0) + ", but "
                    + this + " was asked for; it is late");
        }
    }

    @Override
    public String toString() {
        return kind + " of step " + step + ", " + width + " shards from shard " + shard + " on";
    }
}
