package nn.train.group;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import nn.train.internal.shard.ShardMessage;

/** A connection on which messages about shards come and go. For one thread; another one may close it. */
final class ShardConnection implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final LongAdder sent;
    private final byte[] prefix = new byte[ShardMessage.PREFIX];
    private byte[] received = {}; // the last message, and perhaps more

    /**
     * Takes a connected socket, which is closed with this connection.
     *
     * @param patience how long a read may wait for the next byte; zero for ever
     * @param sent counts the bytes that are sent
     */
    ShardConnection(Socket socket, Duration patience, LongAdder sent) throws IOException {
        this.socket = socket;
        this.sent = sent;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        this.out = socket.getOutputStream();
    }

    /** Connects to an address. */
    static ShardConnection to(InetSocketAddress address, Duration patience, LongAdder sent) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(address, Math.toIntExact(patience.toMillis()));
            return new ShardConnection(socket, patience, sent);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Sends a message, which is unchanged. */
    void send(ByteBuffer message) throws IOException {
        sent.add(message.remaining()); // before the other side can have it
        out.write(message.array(), message.arrayOffset() + message.position(), message.remaining());
        out.flush();
    }

    /**
     * Waits for the next message, which is not checked yet and is valid until the next call.
     *
     * @param most the bytes that it may have
     */
    ByteBuffer receive(long most) throws IOException {
        in.readFully(prefix);
        int length = ShardMessage.length(ByteBuffer.wrap(prefix), most);
        if (received.length < length) {
            received = new byte[length];
        }
        System.arraycopy(prefix, 0, received, 0, prefix.length);
        in.readFully(received, prefix.length, length - prefix.length);
        return ByteBuffer.wrap(received, 0, length);
    }

    boolean isClosed() {
        return socket.isClosed();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // it is of no use any more, whatever is wrong with it
        }
    }
}
