package nn.train.group;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import nn.train.internal.shard.ShardMessage;
import nn.train.io.DataFormatException;

/** Another member of a group, as this one sees it: who can be asked for messages. For one thread. */
final class ShardPeer implements AutoCloseable {
    private static final int MOST_WORDS = 1 << 20; // bytes of a message that is not the one asked for
    private static final long PAUSE_MILLIS = 20; // between two attempts
    private static final int MOST_DOUBTS = 100; // one after the other

    private final int own; // the rank of this member
    private final int rank; // of the other one
    private final InetSocketAddress address;
    private final Duration patience;
    private final LongAdder sent;
    private final LongAdder repeated;
    private Optional<ShardConnection> connection = Optional.empty();

    ShardPeer(int own, int rank, InetSocketAddress address, Duration patience, LongAdder sent, LongAdder repeated) {
        this.own = own;
        this.rank = rank;
        this.address = address;
        this.patience = patience;
        this.sent = sent;
        this.repeated = repeated;
    }

    /** Takes what was asked for. */
    @FunctionalInterface
    interface Taker<T> {
        /** Returns what a sound message about the part holds; if it throws, the message is asked for again. */
        T take(ByteBuffer message) throws DataFormatException;
    }

    /**
     * Asks for a message until it comes and is sound. A message that is damaged or about something else is asked for
     * again, on a new connection. While the other member says that it waits, too, this one is patient for ever. A
     * member whose address refuses connections has ended.
     *
     * @param most the bytes that the message may have
     * @throws LostMemberException if the other member gives no sign of life, or says that its step has failed
     * @throws IllegalStateException if the other member trains on another batch
     */
    <T> T ask(ShardPart part, long most, Taker<T> taker) {
        int doubts = 0;
        while (true) {
            try {
                ShardConnection to = connected();
                to.send(new ShardPart.Question(part, own).message());
                while (true) {
                    ByteBuffer message = to.receive(Math.max(most, MOST_WORDS));
                    ShardMessage.Head head = ShardMessage.read(message);
                    part.requireAbout(head);
                    if (head.kind() != ShardMessage.Kind.WAIT) {
                        if (head.kind() == ShardMessage.Kind.FAILED) {
                            throw failed(head.contents());
                        }
                        if (head.kind() == ShardMessage.Kind.REFUSED) {
                            throw new IllegalStateException(this + ": " + ShardMessage.text(head.contents()));
                        }
                        return taker.take(message);
                    }
                    doubts = 0;
                }
            } catch (IOException e) {
                close();
                repeated.increment();
                doubts += doubts(e);
                if (doubts >= MOST_DOUBTS) {
                    throw new LostMemberException(
                            rank, this + " is lost: " + e.getMessage() + ". Resume in a group without it", e);
                }
                pause();
            }
        }
    }

    /**
     * Returns how much a failed attempt says about the other member. Nothing is measured by the clock, so that a
     * process that was suspended does not take the others for lost.
     */
    private static int doubts(IOException e) {
        if (e instanceof SocketTimeoutException) {
            return MOST_DOUBTS / 2; // silence for half of the patience
        }
        return e instanceof ConnectException ? MOST_DOUBTS / 5 : 1; // nobody listens; a message was damaged
    }

    private LostMemberException failed(ByteBuffer contents) throws DataFormatException {
        if (contents.remaining() < Integer.BYTES) {
            throw ShardMessage.bad("no rank");
        }
        int lost = contents.getInt();
        String reason = ShardMessage.text(contents);
        return new LostMemberException(lost, "member " + lost + " is lost, says " + this + ": " + reason, null);
    }

    private ShardConnection connected() throws IOException {
        if (connection.isEmpty()) {
            connection = Optional.of(ShardConnection.to(address, patience.dividedBy(2), sent));
        }
        return connection.get();
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the fit ends after this step
        }
    }

    @Override
    public void close() {
        connection.ifPresent(ShardConnection::close);
        connection = Optional.empty();
    }

    @Override
    public String toString() {
        return "member " + rank + " (" + address.getHostString() + ":" + address.getPort() + ")";
    }
}
