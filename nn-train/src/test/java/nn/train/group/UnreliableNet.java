package nn.train.group;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import nn.train.internal.shard.ShardMessage;

/** Stands before the members of a group, and spoils some of the messages that they send and receive. */
final class UnreliableNet implements AutoCloseable {
    /** What happens to a message. */
    enum Fault {
        /** A bit is wrong. */
        DAMAGED,
        /** The end is missing, and the connection breaks. */
        CUT,
        /** An older message comes in its place. */
        LATE,
        /** It comes a little later. */
        SLOW
    }

    private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    private final Random random = new Random(5);
    private final List<ServerSocket> doors = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private byte[] old = {}; // a message of some time ago

    UnreliableNet(List<InetSocketAddress> members) {
        for (Fault fault : Fault.values()) {
            faults.put(fault, 0);
        }
        for (InetSocketAddress member : members) {
            try {
                ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                doors.add(door);
                Thread.ofVirtual().start(() -> accept(door, member));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Returns an address for each member, to be used instead of its own. */
    List<InetSocketAddress> addresses() {
        return IntStream.range(0, doors.size())
                .mapToObj(i -> (InetSocketAddress) doors.get(i).getLocalSocketAddress())
                .toList();
    }

    /** Returns how often each fault has happened. */
    synchronized Map<Fault, Integer> faults() {
        return new EnumMap<>(faults);
    }

    private void accept(ServerSocket door, InetSocketAddress member) {
        while (true) {
            try {
                Socket from = door.accept();
                Socket to = new Socket(member.getAddress(), member.getPort());
                synchronized (this) {
                    sockets.add(from);
                    sockets.add(to);
                }
                Thread.ofVirtual().start(() -> copy(from, to));
                Thread.ofVirtual().start(() -> copy(to, from));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void copy(Socket from, Socket to) {
        try (from;
                to) {
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            while (true) {
                byte[] prefix = new byte[ShardMessage.PREFIX];
                in.readFully(prefix);
                byte[] message = new byte[ShardMessage.length(ByteBuffer.wrap(prefix), Integer.MAX_VALUE)];
                System.arraycopy(prefix, 0, message, 0, prefix.length);
                in.readFully(message, prefix.length, message.length - prefix.length);
                if (!pass(message, out)) {
                    return;
                }
            }
        } catch (IOException e) {
            // one side has closed, and now the other one is, too
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends a message, spoiled or not; returns whether the connection still stands. */
    private boolean pass(byte[] message, OutputStream out) throws IOException, InterruptedException {
        byte[] sent = message.clone();
        boolean cut = false;
        boolean slow = false;
        synchronized (this) {
            int kind = random.nextInt(24);
            if (kind < Fault.values().length) {
                Fault fault = Fault.values()[kind];
                faults.merge(fault, fault == Fault.LATE && old.length == 0 ? 0 : 1, Integer::sum);
                switch (fault) {
                    case DAMAGED -> sent[random.nextInt(sent.length)] ^= (byte) (1 << random.nextInt(8));
                    case CUT -> {
                        sent = Arrays.copyOf(message, random.nextInt(message.length));
                        cut = true;
                    }
                    case LATE -> sent = old.length > 0 ? old : sent;
                    case SLOW -> slow = true;
                }
            } else if (random.nextInt(4) == 0) {
                old = message;
            }
        }
        if (slow) {
            Thread.sleep(30);
        }
        out.write(sent);
        out.flush();
        return !cut;
    }

    @Override
    public void close() {
        List<AutoCloseable> all = new ArrayList<>(doors);
        synchronized (this) {
            all.addAll(sockets);
        }
        for (AutoCloseable one : all) {
            try {
                one.close();
            } catch (Exception e) {
                // the test is over
            }
        }
    }
}
