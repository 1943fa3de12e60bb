package nn.train.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;
import nn.layers.Context;
import nn.layers.ForwardingContext;
import nn.layers.Gradients;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.EpochReport;
import nn.train.FitOptions;
import nn.train.ShardedTraining;
import nn.train.StepReport;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.TrainingObserver;
import nn.train.TrainingState;
import nn.train.data.Batches;
import nn.train.internal.LibraryVersion;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Sgd;
import nn.train.shard.ShardExecutor;
import nn.train.shard.Shards;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups whose members are threads of this process: the bits of a training in one, whatever happens on the way. */
@Timeout(120) // a member that waits in vain fails the test instead of holding it up
class ShardGroupTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration IMPATIENCE = Duration.ofMillis(400);
    private static final int EPOCHS = 4; // of 3 steps

    private static ShardGroup listen(Duration patience) {
        try {
            return ShardGroup.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), patience);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One of the threads. */
    private static final class Member implements AutoCloseable {
        private final ShardGroup group;
        private final Trainer trainer;
        private final List<EpochReport> history = new ArrayList<>();

        Member(Duration patience, Function<ShardGroup, Trainer> trainer) {
            this.group = listen(patience);
            this.trainer = trainer.apply(group);
        }

        /** Trains to the end, or until a step; returns the SHA-256 of weights, optimizer state and history. */
        String fit(ShardedTraining recipe, long last) {
            return fit(recipe.batches(), last);
        }

        String fit(Batches batches, long last) {
            TrainingObserver observer = new TrainingObserver() {
                @Override
                public void onStep(StepReport report) {
                    if (report.step() == last) {
                        trainer.cancel();
                    }
                }

                @Override
                public void onEpoch(EpochReport report) {
                    history.add(report);
                }
            };
            trainer.fit(batches, FitOptions.epochs(EPOCHS).observers(observer));
            return ShardedTraining.print(trainer, history);
        }

        @Override
        public void close() {
            group.close();
        }
    }

    private static List<Member> members(int count, Function<ShardGroup, Trainer> trainer) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Member(PATIENCE, trainer))
                .toList();
    }

    private static List<InetSocketAddress> addresses(List<Member> members) {
        return members.stream().map(member -> member.group.address()).toList();
    }

    /** What a member does. */
    @FunctionalInterface
    private interface Part<T> {
        T of(Member member, int rank) throws Exception;
    }

    /** Lets all members do something at a time, each on its thread. */
    private static <T> List<T> each(List<Member> members, Part<T> part) {
        try (ExecutorService pool = Executors.newFixedThreadPool(members.size())) {
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < members.size(); i++) {
                int rank = i;
                Callable<T> call = () -> part.of(members.get(rank), rank);
                running.add(pool.submit(call));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> one : running) {
                results.add(one.get());
            }
            return results;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Connects all members and trains to the end, or until a step. */
    private static List<String> train(List<Member> members, ShardedTraining recipe, long last) {
        List<InetSocketAddress> addresses = addresses(members);
        return each(members, (member, rank) -> {
            member.group.connect(member.trainer, rank, addresses);
            return member.fit(recipe, last);
        });
    }

    @Test
    void aMemberThatEndsWaitsUntilTheOthersHaveItsLastSum() {
        ShardedTraining recipe = ShardedTraining.DROPOUT_AND_ADAM;
        for (int i = 0; i < 5; i++) {
            List<Member> members = members(4, recipe::trainer);
            List<InetSocketAddress> addresses = addresses(members);
            List<String> bits = each(members, (member, rank) -> {
                try (member) {
                    member.group.connect(member.trainer, rank, addresses);
                    return member.fit(recipe, 0);
                }
            });
            assertThat(bits).containsOnly(recipe.bits());
        }
    }

    private static void close(List<Member> members) {
        members.forEach(Member::close);
    }

    @ParameterizedTest
    @EnumSource
    void everyMemberHasTheBitsOfOneProcess(ShardedTraining recipe) {
        for (int count = 1; count <= 4; count++) {
            List<Member> members = members(count, recipe::trainer);
            assertThat(train(members, recipe, 0)).hasSize(count).containsOnly(recipe.bits());
            close(members);
        }
    }

    @ParameterizedTest
    @EnumSource
    void eightMembersHaveTheBitsOfOne(ShardedTraining recipe) {
        Trainer alone = recipe.trainer(Shards.of(8));
        Batches batches = recipe.batches(17); // 17, 17 and 16 examples: two or three in a shard
        String expected =
                ShardedTraining.print(alone, alone.fit(batches, EPOCHS).epochs());
        for (int count : new int[] {1, 3, 5, 8}) {
            List<Member> members = members(count, group -> recipe.trainer(new Shards(8, group)));
            List<InetSocketAddress> addresses = addresses(members);
            List<String> bits = each(members, (member, rank) -> {
                member.group.connect(member.trainer, rank, addresses);
                return member.fit(batches, 0);
            });
            assertThat(bits).hasSize(count).containsOnly(expected);
            close(members);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTrainingIsResumedByAnotherNumberOfMembersOfWhomOneKnowsTheState(ShardedTraining recipe) {
        for (int count = 1; count <= 4; count++) {
            List<Member> before = members(count, recipe::trainer);
            train(before, recipe, 5);
            close(before);
            List<Member> after = members(5 - count, recipe::trainer);
            Member knowing = after.getLast();
            knowing.trainer.restore(before.getFirst().trainer.state());
            knowing.history.addAll(before.getFirst().history);
            assertThat(train(after, recipe, 0).getLast())
                    .as("%d members", count)
                    .isEqualTo(recipe.bits());
            assertThat(after)
                    .allSatisfy(member -> assertThat(
                                    member.trainer.state().tensors().values())
                            .usingElementComparator((a, b) -> a.sha256().compareTo(b.sha256()))
                            .containsExactlyElementsOf(
                                    knowing.trainer.state().tensors().values()));
            close(after);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMemberThatIsLostInTheMiddleOfAStepLosesNoStep(ShardedTraining recipe) {
        List<Member> members = new ArrayList<>(members(3, recipe::trainer));
        for (int lost : new int[] {1, 0}) {
            List<Member> all = List.copyOf(members);
            List<InetSocketAddress> addresses = addresses(all);
            each(all, (member, rank) -> {
                member.group.connect(member.trainer, rank, addresses);
                if (rank == lost) { // the others begin a step that it never makes
                    member.fit(recipe, 5 - lost);
                    member.close();
                    return "";
                }
                assertThatThrownBy(() -> member.fit(recipe, 0))
                        .isInstanceOfSatisfying(
                                LostMemberException.class,
                                e -> assertThat(e.rank()).isEqualTo(lost))
                        .hasMessageContaining("member " + lost)
                        .hasMessageContaining(":" + addresses.get(lost).getPort());
                // what member 0 has summed in its last step may not have reached the others
                assertThat(member.trainer.steps()).isBetween(4L, 5L - lost);
                return "";
            });
            members.remove(lost);
            members.addAll(members(1, recipe::trainer)); // a new one joins, and knows nothing
        }
        assertThat(train(members, recipe, 0).getFirst()).isEqualTo(recipe.bits());
        assertThat(members)
                .allSatisfy(member -> assertThat(member.trainer.steps()).isEqualTo(12));
        close(members);
    }

    @ParameterizedTest
    @EnumSource
    void aStepThatAMemberLeavesIsRepeatedByAnotherNumberOfMembers(ShardedTraining recipe) {
        Batches batches = recipe.batches(17);
        Trainer alone = recipe.trainer(Shards.of(8));
        String expected =
                ShardedTraining.print(alone, alone.fit(batches, EPOCHS).epochs());
        Function<ShardGroup, Trainer> trainer = group -> recipe.trainer(new Shards(8, group));
        for (int count : new int[] {2, 3, 4, 8}) {
            List<Member> before = members(count, trainer);
            List<InetSocketAddress> addresses = addresses(before);
            int lost = count - 1;
            each(before, (member, rank) -> {
                member.group.connect(member.trainer, rank, addresses);
                if (rank == lost) {
                    member.fit(batches, 5);
                    member.close(); // the others have begun step 6, or wait for the sum of step 5
                } else {
                    assertThatThrownBy(() -> member.fit(batches, 0)).isInstanceOf(LostMemberException.class);
                }
                return "";
            });
            int next = 9 - count;
            List<Member> after = new ArrayList<>(before.subList(0, Math.min(lost, next)));
            close(before.subList(after.size(), count));
            after.addAll(members(next - after.size(), trainer)); // these know nothing
            List<InetSocketAddress> all = addresses(after);
            List<String> bits = each(after, (member, rank) -> {
                member.group.connect(member.trainer, rank, all);
                return member.fit(batches, 0);
            });
            assertThat(bits.getFirst()).as("%d members after %d", next, count).isEqualTo(expected);
            close(after);
        }
    }

    @ParameterizedTest
    @EnumSource
    void messagesThatAreDamagedCutOffLateOrHeldUpChangeNothing(ShardedTraining recipe) {
        List<Member> members = members(3, recipe::trainer);
        try (UnreliableNet net = new UnreliableNet(addresses(members))) {
            List<String> bits = each(members, (member, rank) -> {
                member.group.connect(member.trainer, rank, net.addresses());
                return member.fit(recipe, 0);
            });
            assertThat(bits).containsOnly(recipe.bits());
            assertThat(net.faults())
                    .allSatisfy((kind, count) ->
                            assertThat(count).as(kind.toString()).isPositive());
            assertThat(members.stream()
                            .mapToLong(member -> member.group.repeatedQuestions())
                            .sum())
                    .isGreaterThan(5);
        }
        close(members);
    }

    @Test
    void aMemberOfAnotherRecipeIsRefusedByName() {
        ShardedTraining recipe = ShardedTraining.DROPOUT_AND_ADAM;
        Member right = new Member(PATIENCE, recipe::trainer);
        Member wrong = new Member(
                PATIENCE,
                group -> new Trainer(
                        recipe.model(),
                        new SoftmaxCrossEntropy(),
                        Sgd.of(0.1),
                        Key.of(3),
                        TrainerOptions.NONE.shards(new Shards(5, group))));
        List<Member> members = List.of(right, wrong);
        List<String> messages = each(members, (member, rank) -> {
            try {
                member.group.connect(member.trainer, rank, addresses(members));
                return "connected";
            } catch (IllegalArgumentException e) {
                return e.getMessage();
            }
        });
        assertThat(messages.getFirst())
                .contains(
                        "this is member 0, and member 1 (",
                        ":" + wrong.group.address().getPort() + ") has another")
                .contains("has another optimizer: Sgd", "here it is Adam")
                .contains("has another shards: 5, here it is 4")
                .contains("has another key")
                .contains("has another clipping: none")
                .doesNotContain("has another model", "has another loss", "has another version");
        assertThat(messages.getLast()).contains("this is member 1, and member 0 (");
        close(members);
    }

    @Test
    void anotherVersionIsADifferenceLikeAnyOther() {
        TrainingState state =
                ShardedTraining.RECURRENT.trainer(ShardExecutor.LOCAL).state();
        ShardMember here = ShardMember.of(0, state, List.of());
        ShardMember there = ShardMember.of(0, state, List.of());
        assertThat(here.texts()).containsEntry("version of nn", LibraryVersion.TEXT);
        there.texts().put("version of nn", "0.0.1");
        assertThat(here.differences(there)).containsExactly("version of nn: 0.0.1, here it is " + LibraryVersion.TEXT);
    }

    @Test
    void membersWithOtherWeightsAfterTheSameStepsAreRefused() {
        ShardedTraining recipe = ShardedTraining.BATCH_NORMALIZATION;
        List<Member> members = members(2, recipe::trainer);
        members.getLast()
                .trainer
                .model()
                .parametersByPath()
                .get("out.bias")
                .value()
                .set(1, 0);
        List<String> messages = each(members, (member, rank) -> {
            try {
                member.group.connect(member.trainer, rank, addresses(members));
                return "connected";
            } catch (IllegalArgumentException e) {
                return e.getMessage();
            }
        });
        assertThat(messages)
                .allSatisfy(message -> assertThat(message)
                        .contains(
                                "has another state after the same 0 steps: the weights, or what the optimizer keeps"));
        close(members);
    }

    @Test
    void aMemberWhoseStepFailsSaysWhyToTheOthers() {
        ShardedTraining recipe = ShardedTraining.BATCH_NORMALIZATION;
        List<Member> members = members(2, recipe::trainer);
        List<InetSocketAddress> addresses = addresses(members);
        List<Throwable> thrown = each(members, (member, rank) -> {
            member.group.connect(member.trainer, rank, addresses);
            try {
                member.trainer.step(Tensor.zeros(7, 5), ShardedTraining.labels(7)); // shard 3 has one row
                return new AssertionError("no exception");
            } catch (RuntimeException e) {
                return e;
            }
        });
        assertThat(thrown.get(1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("example 6");
        assertThat(thrown.get(0))
                .isInstanceOf(LostMemberException.class)
                .hasMessageContaining("member 1 is lost")
                .hasMessageContaining("in the shard that begins with example 6 of the batch");
        assertThat(members)
                .allSatisfy(member -> assertThat(member.trainer.steps()).isZero());
        close(members);
    }

    /** Other examples, the same in another order, and fewer of them: half of the data for each member, for example. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aMemberWithAnotherBatchIsRefused(int difference) {
        ShardedTraining recipe = ShardedTraining.DROPOUT_AND_ADAM;
        List<Member> members = members(2, recipe::trainer);
        List<InetSocketAddress> addresses = addresses(members);
        Tensor x = Tensor.zeros(8, 5);
        Key.of(9).normal(x, 0, 1);
        Tensor reversed = Tensor.zeros(8, 5);
        x.gatherRowsInto(Tensor.of(new float[] {7, 6, 5, 4, 3, 2, 1, 0}, 8), reversed);
        Tensor other = switch (difference) {
            case 0 -> x.multiply(x);
            case 1 -> reversed;
            default -> x.rows(0, 6);
        };
        List<Throwable> thrown = each(members, (member, rank) -> {
            member.group.connect(member.trainer, rank, addresses);
            Tensor own = rank == 0 ? x : other;
            try {
                member.trainer.step(own, ShardedTraining.labels(own.dim(0)));
                return new AssertionError("no exception");
            } catch (RuntimeException e) {
                return e;
            }
        });
        assertThat(thrown)
                .allSatisfy(e -> assertThat(e)
                        .isInstanceOfAny(IllegalStateException.class, LostMemberException.class)
                        .hasMessageContaining(
                                "this member has another batch in step 1. All members give fit the same batches"));
        assertThat(thrown).anySatisfy(e -> assertThat(e).isExactlyInstanceOf(IllegalStateException.class));
        assertThat(members)
                .allSatisfy(member -> assertThat(member.trainer.steps()).isZero());
        close(members);
    }

    @Test
    void aMemberThatComputesAStepByItselfIsNotWaitedForInVain() throws Exception {
        ShardedTraining recipe = ShardedTraining.DROPOUT_AND_ADAM;
        List<Member> members = members(2, recipe::trainer);
        List<InetSocketAddress> addresses = addresses(members);
        TrainingObserver looking = new TrainingObserver() {
            @Override
            public Context over(long step, Context context) {
                return step == 2 ? new ForwardingContext(context) {} : context;
            }
        };
        CyclicBarrier done = new CyclicBarrier(2);
        List<String> messages = each(members, (member, rank) -> {
            member.group.connect(member.trainer, rank, addresses);
            FitOptions fit = FitOptions.epochs(EPOCHS);
            try {
                member.trainer.fit(recipe.batches(), rank == 0 ? fit.observers(looking) : fit);
                return "trained";
            } catch (LostMemberException e) {
                return e.getMessage();
            } finally {
                done.await();
            }
        });
        assertThat(messages)
                .allSatisfy(message -> assertThat(message)
                        .contains("member 0", "has gone on to step 3 without", "given to all members or to none"));
        close(members);
    }

    @Test
    void whatCannotBeAGroupIsRefused() throws IOException {
        ShardedTraining recipe = ShardedTraining.DROPOUT_AND_ADAM;
        try (ShardGroup group = listen(IMPATIENCE);
                ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Trainer trainer = recipe.trainer(group);
            InetSocketAddress own = group.address();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> group.connect(trainer, 1, List.of(own)))
                    .withMessage("rank 1 in a list of 1 members");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> group.connect(trainer, 0, List.of(own, own)))
                    .withMessageContaining("twice");
            List<InetSocketAddress> five = IntStream.range(1, 6)
                    .mapToObj(port -> new InetSocketAddress(own.getAddress(), port))
                    .toList();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> group.connect(trainer, 0, five))
                    .withMessageContaining("5 members for 4 shards");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> group.connect(recipe.trainer(ShardExecutor.LOCAL), 0, List.of(own)))
                    .withMessageContaining("not computed by this group");
            assertThatThrownBy(() -> trainer.fit(recipe.batches(), 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not connected");
            assertThatThrownBy(() -> group.connect(
                            trainer, 0, List.of(own, new InetSocketAddress(own.getAddress(), 1)))) // nobody listens
                    .isInstanceOf(LostMemberException.class)
                    .hasMessageContaining("member 1 (")
                    .hasMessageContaining("is lost: Connection refused");
            assertThatThrownBy(() ->
                            group.connect(trainer, 0, List.of(own, (InetSocketAddress) silent.getLocalSocketAddress())))
                    .isInstanceOf(LostMemberException.class)
                    .hasMessageContaining("is lost: Read timed out");
            assertThatThrownBy(() -> trainer.fit(recipe.batches(), 1)).hasMessageContaining("not connected");
            group.connect(trainer, 0, List.of(own));
            TrainingState beginning = trainer.state();
            trainer.fit(recipe.batches(), 1);
            trainer.restore(beginning);
            assertThatThrownBy(() -> trainer.fit(recipe.batches(), 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("step 1 comes again");
            group.connect(trainer, 0, List.of(own));
            trainer.fit(recipe.batches(), 1);
            Trainer debugging = new Trainer(
                    recipe.model(),
                    new SoftmaxCrossEntropy(),
                    Sgd.of(0.1),
                    Key.of(3),
                    TrainerOptions.NONE.shards(new Shards(4, group)).debugging());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> group.connect(debugging, 0, List.of(own)))
                    .withMessageContaining("debug one without a group");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listen(Duration.ZERO))
                .withMessageContaining("PT0S");
        assertThatIllegalArgumentException().isThrownBy(() -> listen(Duration.ofHours(2)));
    }

    private static long sum(List<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void aStepMovesTheSumsOfTheTreeAndNoMore() {
        ShardedTraining recipe = ShardedTraining.DROPOUT_AND_ADAM;
        long gradients = new Gradients(recipe.model()).byteSize();
        for (int count = 1; count <= 4; count++) {
            List<Member> members = members(count, recipe::trainer);
            List<InetSocketAddress> addresses = addresses(members);
            List<Long> before = each(members, (member, rank) -> {
                member.group.connect(member.trainer, rank, addresses);
                return member.group.bytesSent();
            });
            each(members, (member, rank) -> member.fit(recipe, 0));
            List<Long> after = each(members, (member, rank) -> member.group.bytesSent()); // when all have all sums
            close(members);
            int moves = new ShardTree(4, count).moves().size() + count - 1;
            // 12 steps; a question and a checked message around each sum
            long most = 12 * moves * (gradients + 200);
            long all = sum(after) - sum(before);
            assertThat(all).as("%d members", count).isBetween(12 * moves * gradients, most);
        }
        assertThat(new ShardTree(8, 8).moves()).hasSize(7);
        assertThat(new ShardTree(8, 3).moves()).hasSize(3); // 2 members' sums, one of them in two parts
    }
}
