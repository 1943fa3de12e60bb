package nn.train.group;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import nn.layers.Gradients;
import nn.tensor.ParallelLoop;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.TrainingObserver;
import nn.train.internal.shard.ShardMessage;
import nn.train.internal.shard.ShardResult;
import nn.train.shard.ShardExecutor;
import nn.train.shard.ShardStep;
import nn.train.shard.Shards;

/**
 * Processes that train one model together, on one machine or on several. Each is a member: it runs the same training on
 * the same batches, computes its part of the {@linkplain Shards shards} of every step, and exchanges sums of gradients
 * with the others over sockets. The sums are those of the tree over the shards, so every member makes the same step,
 * and the bits are those of one process, whatever the number of members is.
 *
 * <pre>{@code
 * try (ShardGroup group = ShardGroup.listen(here, Duration.ofSeconds(10))) {
 *     // the others learn group.address(), and this process learns theirs: by an engine, a file or a service
 *     Shards shards = new Shards(8, group);
 *     Trainer trainer = new Trainer(model, loss, adam, key, TrainerOptions.NONE.shards(shards));
 *     group.connect(trainer, rank, members);
 *     trainer.fit(batches, 10);
 * }
 * }</pre>
 *
 * <p>A member asks the others for what it needs. Every message has its length, a checksum and what it is about: one
 * that is damaged, cut off or late is refused and asked for again. A member of another version of nn or another recipe
 * is refused by name when the group connects. A member whose batch is another one, by a {@linkplain
 * ShardStep#batchFingerprint fingerprint}, is refused in that step.
 *
 * <p>If a member is lost in the middle of a step, this step fails at all others by a {@link LostMemberException} and
 * changes nothing. They agree on a new list of members, {@link #connect} again, and repeat the call of fit, which
 * resumes at that step. The list may have new members: whoever is behind gets the state of the one that is most
 * advanced. So no step is lost while one member lives; a {@linkplain nn.train.checkpoint.Checkpoint checkpoint} of any
 * member helps when none does.
 *
 * <p>In a step with B bytes of gradients, N members send about 2 (N - 1) B bytes together, and it takes about 2 log2(N)
 * messages one after the other until every member has the sum. If V / N is no power of two, some more sums move.
 *
 * <p>A step in which an {@linkplain TrainingObserver#over observer looks into the passes} is computed by each member
 * alone; so give such an observer to all members or to none.
 *
 * <p>What goes over the sockets is neither encrypted nor authenticated: use a network that you trust. A group is for
 * the thread of its trainer.
 */
public final class ShardGroup implements ShardExecutor, AutoCloseable {
    private static final int BEATS = 8; // signs of life in the time that others are patient
    private static final int MOST_TEXT = 1 << 26;

    private final Duration patience;
    private final LongAdder sent = new LongAdder();
    private final LongAdder repeated = new LongAdder();
    private final ShardServer server;
    private List<ShardPeer> peers = List.of(); // by rank; empty before the group is connected
    private int rank;
    private ShardTree tree = new ShardTree(1, 1);
    private List<ShardTree.Move> moves = List.of();
    private List<Integer> children = List.of(); // of this member: they get the sum of all from it
    private long most; // bytes of a message with gradients
    private long lastStep; // that was computed; 0 for none

    private ShardGroup(InetSocketAddress address, Duration patience) throws IOException {
        this.patience = patience;
        this.server = new ShardServer(address, patience.dividedBy(BEATS), sent);
    }

    /**
     * Begins to listen for other members.
     *
     * @param address of this process, which the others can reach; port 0 for any that is free
     * @param patience how long another member may give no sign of life, and how long it may send only damaged messages;
     *     1 ms to one hour. A member that computes gives signs of life, however long a step takes
     * @return a group without members
     * @throws IOException if the address cannot be listened at
     * @throws IllegalArgumentException if the patience is out of its range
     * @throws NullPointerException if an argument is null
     */
    public static ShardGroup listen(InetSocketAddress address, Duration patience) throws IOException {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(patience, "patience");
        if (patience.toMillis() < 1 || patience.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("a patience of " + patience + "; give 1 ms to one hour");
        }
        return new ShardGroup(address, patience);
    }

    /**
     * Returns where this member listens.
     *
     * @return with the port that was chosen
     */
    public InetSocketAddress address() {
        return server.address();
    }

    /**
     * Returns how many bytes this member has sent.
     *
     * @return to all others, since it began to listen
     */
    public long bytesSent() {
        return sent.sum();
    }

    /**
     * Returns how often this member has asked again, because a message was damaged or late or a connection broke.
     *
     * @return the number of repeated questions, to all others
     */
    public long repeatedQuestions() {
        return repeated.sum();
    }

    /**
     * Waits until all members have called this method, compares their recipes, and brings all to one state: that of the
     * member with the most steps, of the first one if there are several. Afterwards all call fit, or step, with the
     * same arguments.
     *
     * @param trainer whose {@link TrainerOptions#shards shards} have this group as their executor
     * @param rank the index of this member in the list
     * @param members the addresses of all, the same list in every member
     * @throws IllegalArgumentException if a member has another version of nn, another recipe, another list of members
     *     or, after the same number of steps, another state, which the message names; if there are more members than
     *     shards, the list has an address twice or does not have the rank; or if the trainer has another executor or
     *     {@linkplain TrainerOptions#debugging debugs}
     * @throws IllegalStateException if a step or a fit of the trainer runs
     * @throws LostMemberException if a member gives no sign of life
     */
    public void connect(Trainer trainer, int rank, List<InetSocketAddress> members) {
        Objects.requireNonNull(trainer, "trainer");
        List<InetSocketAddress> all = List.copyOf(Objects.requireNonNull(members, "members"));
        int shards = requireUsable(trainer, rank, all);
        disconnect();
        this.rank = rank;
        this.tree = new ShardTree(shards, all.size());
        this.moves = tree.moves();
        this.children = tree.children(rank);
        this.most = ShardResult.mostBytes(new Gradients(trainer.model()).byteSize());
        List<ShardPeer> others = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            others.add(new ShardPeer(rank, i, all.get(i), patience, sent, repeated));
        }
        this.peers = List.copyOf(others);
        this.lastStep = 0;
        server.reset(rank);
        boolean connected = false;
        try {
            agree(trainer, all);
            for (int i = 0; i < all.size(); i++) {
                if (i != rank) {
                    ask(i, ShardMessage.Kind.READY, 0, ByteBuffer::remaining);
                }
            }
            connected = true;
        } finally {
            if (!connected) {
                disconnect();
            }
        }
        server.withdraw(own(ShardMessage.Kind.MEMBER)); // everybody has read these
        server.withdraw(own(ShardMessage.Kind.STATE));
    }

    /** Returns what this member says of itself. */
    private ShardPart own(ShardMessage.Kind kind) {
        return ShardPart.of(kind, rank);
    }

    /** Asks another member for what it says of itself. */
    private <T> T ask(int member, ShardMessage.Kind kind, long most, ShardPeer.Taker<T> taker) {
        return peers.get(member).ask(ShardPart.of(kind, member), most, taker);
    }

    private int requireUsable(Trainer trainer, int rank, List<InetSocketAddress> members) {
        Optional<Shards> shards = trainer.options().shards();
        if (shards.isEmpty() || shards.get().executor() != this) {
            throw new IllegalArgumentException("the shards of the trainer are not computed by this group; give it"
                    + " TrainerOptions.shards(new Shards(count, group))");
        }
        if (trainer.options().debug()) {
            throw new IllegalArgumentException("a trainer that is debugging computes all shards by itself; debug one"
                    + " without a group, which has the same bits");
        }
        if (rank < 0 || rank >= members.size()) {
            throw new IllegalArgumentException("rank " + rank + " in a list of " + members.size() + " members");
        }
        if (new HashSet<>(members).size() < members.size()) {
            throw new IllegalArgumentException("the list of members has an address twice: " + members);
        }
        int count = shards.get().count();
        if (members.size() > count) {
            throw new IllegalArgumentException(members.size() + " members for " + count
                    + " shards, and each computes at least one; give more shards or fewer members");
        }
        return count;
    }

    /** Compares the recipes, and takes the state of the member that is most advanced. */
    private void agree(Trainer trainer, List<InetSocketAddress> all) {
        List<ShardMember> members = new ArrayList<>();
        trainer.readState(state -> {
            ShardMember own = ShardMember.of(trainer.steps(), state, all);
            server.publish(own(ShardMessage.Kind.MEMBER), own.message(own(ShardMessage.Kind.MEMBER)));
            for (int i = 0; i < all.size(); i++) {
                members.add(i == rank ? own : ask(i, ShardMessage.Kind.MEMBER, MOST_TEXT, ShardMember::read));
            }
            requireAlike(members);
            if (members.get(rank) == leader(members)
                    && members.stream().anyMatch(member -> member.steps() < own.steps())) {
                server.publish(own(ShardMessage.Kind.STATE), StateMessage.of(state, own(ShardMessage.Kind.STATE)));
            }
        });
        ShardMember leader = leader(members);
        if (members.get(rank).steps() < leader.steps()) {
            int at = members.indexOf(leader);
            trainer.restore(ask(at, ShardMessage.Kind.STATE, leader.stateBytes(), StateMessage::read));
        }
        ShardPart ready = own(ShardMessage.Kind.READY);
        server.publish(ready, ShardMessage.end(ready.begin(ready.kind(), 0)));
    }

    private void requireAlike(List<ShardMember> members) {
        ShardMember own = members.get(rank);
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            for (String difference : own.differences(members.get(i))) {
                problems.add(peers.get(i) + " has another " + difference);
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("this is member " + rank + ", and " + String.join("; ", problems)
                    + ". All must be built alike, and run the same version");
        }
    }

    /** Returns the member with the most steps, the first one of several. */
    private static ShardMember leader(List<ShardMember> members) {
        return Collections.max(members, Comparator.comparingLong(ShardMember::steps)); // the first of several
    }

    // ---- a step ----

    @Override
    public void run(ShardStep step) {
        if (peers.isEmpty()) {
            throw new IllegalStateException("the group is not connected; call connect, after a failed step again");
        }
        if (step.number() <= lastStep) {
            throw new IllegalStateException("step " + step.number() + " comes again, and members may have sums of it"
                    + " from the first time; call connect again before it is repeated");
        }
        lastStep = step.number();
        try {
            long batch = step.batchFingerprint();
            server.begin(step.number(), batch);
            int first = tree.first(rank);
            int count = tree.first(rank + 1) - first;
            ParallelLoop.run(count, step.work(), (from, to) -> step.run(first + from, first + to));
            for (ShardTree.Move move : moves) {
                ShardPart part = ShardPart.sum(step.number(), move.shard(), move.width(), batch);
                if (move.from() == rank) {
                    server.publish(part, step.sum(move.shard(), move.width()));
                } else if (move.to() == rank) {
                    receive(step, move.from(), part);
                }
            }
            ShardPart whole = ShardPart.sum(step.number(), 0, step.count(), batch);
            if (rank > 0) {
                receive(step, ShardTree.parent(rank), whole);
            }
            if (!children.isEmpty()) {
                server.publish(whole, step.sum(0, step.count()), children);
            }
        } catch (LostMemberException e) {
            fail(e.rank(), e);
            throw e;
        } catch (RuntimeException | Error e) {
            fail(rank, e);
            throw e;
        }
    }

    private void receive(ShardStep step, int from, ShardPart part) {
        peers.get(from).ask(part, most, message -> {
            if (!step.accept(message)) {
                throw new IllegalStateException(part + " was at hand before " + peers.get(from) + " was asked for it");
            }
            return part;
        });
    }

    private void fail(int lost, Throwable reason) {
        server.fail(lost, String.valueOf(reason.getMessage()));
        disconnect();
    }

    private void disconnect() {
        peers.forEach(ShardPeer::close);
        peers = List.of();
    }

    /**
     * Ends this membership. It waits, at most for the patience, until the others have what they need of the last step.
     * Those that train on lose this member.
     */
    @Override
    public void close() {
        disconnect();
        server.finish(patience);
        server.close();
    }
}
