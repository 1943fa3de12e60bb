package nn.train;

import java.nio.ByteBuffer;
import nn.train.io.DataFormatException;

/**
 * What members of a group ask each other for.
 *
 * @param kind of message
 * @param step its number; 0 if it belongs to none
 * @param shard the first one of a subtree; the rank of the member that is asked, if it belongs to no step
 * @param width of the subtree; 0 if there is none
 */
record ShardPart(ShardMessage.Kind kind, long step, int shard, int width) {
    /** The longest question. */
    static final int MOST = ShardMessage.HEAD + Integer.BYTES + ShardMessage.TAIL;

    /** Returns what a member says of itself, which belongs to no step. */
    static ShardPart of(ShardMessage.Kind kind, int rank) {
        return new ShardPart(kind, 0, rank, 0);
    }

    /** Returns the sum of a subtree. */
    static ShardPart sum(long step, int shard, int width) {
        return new ShardPart(ShardMessage.Kind.RESULT, step, shard, width);
    }

    /** Returns the message that asks for it. */
    ByteBuffer question() {
        return ShardMessage.end(begin(ShardMessage.Kind.ASK, Integer.BYTES).putInt(kind.ordinal()));
    }

    /** Returns what a message asks for. */
    static ShardPart asked(ByteBuffer question) throws DataFormatException {
        ShardMessage.Head head = ShardMessage.read(question, ShardMessage.Kind.ASK);
        ShardMessage.Kind[] kinds = ShardMessage.Kind.values();
        int kind =
                head.contents().remaining() == Integer.BYTES ? head.contents().getInt() : -1;
        if (kind < 0 || kind >= kinds.length) {
            throw ShardMessage.bad("a question for the unknown kind " + kind);
        }
        return new ShardPart(kinds[kind], head.step(), head.shard(), head.width());
    }

    /** Begins a message about it with room for its contents. */
    ByteBuffer begin(ShardMessage.Kind of, long contents) {
        return ShardMessage.begin(of, 0, step, shard, width, contents);
    }

    /** Refuses an answer that is about something else; any answer may be that the other member waits or has failed. */
    void requireAbout(ShardMessage.Head head) throws DataFormatException {
        boolean isKind =
                head.kind() == kind || head.kind() == ShardMessage.Kind.WAIT || head.kind() == ShardMessage.Kind.FAILED;
        if (!isKind || head.step() != step || head.shard() != shard || head.width() != width) {
            throw ShardMessage.bad(new ShardPart(head.kind(), head.step(), head.shard(), head.width()) + ", but " + this
                    + " was asked for; it is late");
        }
    }

    @Override
    public String toString() {
        return kind + " of step " + step + ", " + width + " shards from shard " + shard + " on";
    }
}
