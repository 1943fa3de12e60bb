package nn.train.group;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import nn.train.internal.shard.ShardMessage;
import org.jspecify.annotations.Nullable;

/**
 * Answers the questions of other members of a group, on threads of its own. Whoever asks for a message that is not
 * there yet is told again and again to wait, so that it knows that this process lives.
 */
final class ShardServer implements AutoCloseable {
    private static final Duration FOREVER = Duration.ZERO;

    private final ServerSocket socket;
    private final long beat; // milliseconds between two signs of life
    private final LongAdder sent;

    // Guarded by this object.
    private final Map<ShardPart, ByteBuffer> published = new HashMap<>();
    private final Set<ShardConnection> open = new HashSet<>();
    private int rank;
    private @Nullable ShardPart last; // the last message of a step
    private final Set<Integer> missing = new HashSet<>(); // the members that have not taken it
    private long step; // the last one that began
    private long batch; // a fingerprint of its batch
    private Optional<Failure> failed = Optional.empty(); // once a step has failed
    private boolean closed;

    ShardServer(InetSocketAddress address, Duration beat, LongAdder sent) throws IOException {
        this.socket = new ServerSocket();
        this.beat = Math.max(1, beat.toMillis());
        this.sent = sent;
        try {
            socket.bind(address);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        Thread.ofPlatform().daemon().name("nn shards").start(this::accept);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    /** Withdraws all messages, and forgets that a step has failed; this process has a rank from now on. */
    synchronized void reset(int own) {
        rank = own;
        published.clear();
        missing.clear();
        failed = Optional.empty();
        step = 0;
    }

    /** Begins a step. Messages of the one before are kept: a member may ask for one of them again. */
    synchronized void begin(long number, long fingerprint) {
        step = number;
        batch = fingerprint;
        published.keySet().removeIf(part -> part.step() > 0 && part.step() < number - 1);
    }

    synchronized void publish(ShardPart part, ByteBuffer message) {
        published.put(part, message);
        notifyAll();
    }

    /** Publishes the last message of a step, and remembers who has not taken it yet. */
    synchronized void publish(ShardPart part, ByteBuffer message, Collection<Integer> takers) {
        last = part;
        missing.clear();
        missing.addAll(takers);
        publish(part, message);
    }

    /** Waits until the last message of a step has been sent to all that need it, but not longer than some time. */
    synchronized void finish(Duration most) {
        long end = System.nanoTime() + most.toNanos();
        while (!missing.isEmpty() && failed.isEmpty()) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    synchronized void withdraw(ShardPart part) {
        published.remove(part);
    }

    /** Tells everybody who asks for a sum that is not there that there will be none. */
    synchronized void fail(int lost, String reason) {
        failed = Optional.of(new Failure(lost, reason));
        notifyAll();
    }

    /**
     * Why a step has failed.
     *
     * @param lost the rank of the member that cannot go on
     * @param reason a text
     */
    private record Failure(int lost, String reason) {
        ByteBuffer message(ShardPart asked) {
            byte[] text = ShardMessage.bytes(List.of(reason));
            return ShardMessage.end(asked.begin(ShardMessage.Kind.FAILED, Integer.BYTES + text.length)
                    .putInt(lost)
                    .put(text));
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket accepted = socket.accept();
                Thread.ofPlatform().daemon().name("nn shards").start(() -> serve(accepted));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket accepted) {
        try (ShardConnection connection = new ShardConnection(accepted, FOREVER, sent)) {
            if (register(connection)) {
                while (true) {
                    answer(connection, ShardPart.Question.read(connection.receive(ShardPart.MOST)));
                }
            }
        } catch (IOException e) {
            // the other member connects and asks again, if it lives
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean register(ShardConnection connection) {
        open.removeIf(ShardConnection::isClosed);
        open.add(connection);
        return !closed;
    }

    private void answer(ShardConnection connection, ShardPart.Question question)
            throws IOException, InterruptedException {
        ShardPart part = question.part();
        Optional<ByteBuffer> message = await(part);
        while (message.isEmpty()) {
            connection.send(ShardMessage.end(part.begin(ShardMessage.Kind.WAIT, 0)));
            message = await(part);
        }
        connection.send(message.get());
        synchronized (this) {
            if (part.equals(last)) {
                missing.remove(question.rank());
                notifyAll();
            }
        }
    }

    /** Waits for a message, but not longer than from one sign of life to the next. */
    private synchronized Optional<ByteBuffer> await(ShardPart part) throws InterruptedException {
        long end = System.nanoTime() + beat * 1_000_000;
        while (true) {
            ByteBuffer message = published.get(part);
            if (message != null) {
                return Optional.of(message.duplicate());
            }
            if (part.kind() == ShardMessage.Kind.RESULT && failed.isPresent()) {
                return Optional.of(failed.get().message(part));
            }
            if (part.kind() == ShardMessage.Kind.RESULT && part.step() < step) {
                String reason = "it has gone on to step " + step + " without the " + part + "; an observer that looks"
                        + " into passes must be given to all members or to none";
                return Optional.of(new Failure(rank, reason).message(part));
            }
            if (part.kind() == ShardMessage.Kind.RESULT && part.step() == step && part.batch() != batch) {
                return Optional.of(otherBatch(part));
            }
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0 || closed) {
                return Optional.empty();
            }
            wait(left);
        }
    }

    private ByteBuffer otherBatch(ShardPart asked) {
        byte[] text = ShardMessage.bytes(List.of("this member has another batch in step " + step
                + ". All members give fit the same batches, whole and in the same order; each computes its own shards"
                + " of them"));
        return ShardMessage.end(
                asked.begin(ShardMessage.Kind.REFUSED, text.length).put(text));
    }

    @Override
    public void close() {
        List<ShardConnection> left;
        synchronized (this) {
            closed = true;
            left = new ArrayList<>(open);
            notifyAll();
        }
        left.forEach(ShardConnection::close);
        try {
            socket.close();
        } catch (IOException e) {
            // it is of no use any more, whatever is wrong with it
        }
    }
}
