package nn.train.group;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a member of a {@link ShardGroup} cannot go on: it gives no sign of life, or its step has failed. The step
 * of this member has changed nothing, so its training can be resumed in a group without the lost one.
 */
public final class LostMemberException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The rank of the lost member. */
    private final int rank;

    LostMemberException(int rank, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.rank = rank;
    }

    /**
     * Returns the lost member.
     *
     * @return its rank in the group, from 0
     */
    public int rank() {
        return rank;
    }
}
