package nn.train;

import java.util.Objects;
import java.util.Optional;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Penalty;
import nn.train.schedule.Plateau;
import nn.train.schedule.Schedule;
import nn.train.shard.Shards;

/**
 * Options of a {@link Trainer}. Begin with {@link #NONE}:
 *
 * <pre>{@code
 * TrainerOptions.NONE.schedule(Schedule.warmUp(500)).clipping(Clipping.norm(1)).microBatch(16)
 * }</pre>
 *
 * @param schedule multiplies the optimizer's rates by a factor for each step
 * @param plateau lowers the rates when a fit no longer improves
 * @param clipping limits the gradients
 * @param penalty a cost of large weights; not part of the reported loss
 * @param microBatch number of examples that go through the model at once, taken along the {@linkplain
 *     nn.layers.Layer#batchAxis batch axis}; the gradients of the micro-batches are added up for one update, as that of
 *     the whole batch. 0: the whole batch at once
 * @param debug whether the output and the gradients of every layer are checked in every step, so that the first number
 *     that is not finite is found where it arises. Otherwise a failed step is repeated with these checks
 * @param carrying whether recurrent layers begin a step with the states at the end of the step before, see {@link
 *     #carryingStates}
 * @param averaging a moving average of the weights, kept beside them
 * @param shards cuts every batch into parts that may be computed anywhere
 */
public record TrainerOptions(
        Schedule schedule,
        Optional<Plateau> plateau,
        Optional<Clipping> clipping,
        Penalty penalty,
        int microBatch,
        boolean debug,
        boolean carrying,
        Optional<Averaging> averaging,
        Optional<Shards> shards) {
    /** No options: rates stay constant, and batches are whole. */
    public static final TrainerOptions NONE = new TrainerOptions(
            Schedule.constant(),
            Optional.empty(),
            Optional.empty(),
            Penalty.NONE,
            0,
            false,
            false,
            Optional.empty(),
            Optional.empty());

    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     * @throws IllegalArgumentException if {@code microBatch} is negative, or two of {@code microBatch} above 0, {@code
     *     carrying} and {@code shards} are given
     */
    public TrainerOptions {
        Objects.requireNonNull(schedule, "schedule");
        Objects.requireNonNull(plateau, "plateau");
        Objects.requireNonNull(clipping, "clipping");
        Objects.requireNonNull(penalty, "penalty");
        Objects.requireNonNull(averaging, "averaging");
        Objects.requireNonNull(shards, "shards");
        if (microBatch < 0) {
            throw new IllegalArgumentException(
                    "microBatch is " + microBatch + "; it must be 1 or more, or 0 for whole batches");
        }
        if (carrying && microBatch > 0) {
            throw new IllegalArgumentException("microBatch is " + microBatch + ", but states are carried from step to"
                    + " step, and micro-batches do not follow each other in time; use one of the two");
        }
        if (shards.isPresent() && (carrying || microBatch > 0)) {
            throw new IllegalArgumentException("batches are cut into "
                    + shards.get().count() + " shards, and "
                    + (carrying
                            ? "states are carried from step to step, but shards do not follow each other in" + " time"
                            : "microBatch is " + microBatch + ", which cuts them otherwise")
                    + "; use one of the two");
        }
    }

    /**
     * Returns a copy with a schedule.
     *
     * @param schedule multiplies the rates
     * @return the copy
     */
    public TrainerOptions schedule(Schedule schedule) {
        return new TrainerOptions(schedule, plateau, clipping, penalty, microBatch, debug, carrying, averaging, shards);
    }

    /**
     * Returns a copy that lowers the rates when training no longer improves.
     *
     * @param plateau when, and by how much
     * @return the copy
     */
    public TrainerOptions plateau(Plateau plateau) {
        Optional<Plateau> given = Optional.of(Objects.requireNonNull(plateau, "plateau"));
        return new TrainerOptions(schedule, given, clipping, penalty, microBatch, debug, carrying, averaging, shards);
    }

    /**
     * Returns a copy with clipped gradients.
     *
     * @param clipping by norm or by value
     * @return the copy
     */
    public TrainerOptions clipping(Clipping clipping) {
        Optional<Clipping> given = Optional.of(Objects.requireNonNull(clipping, "clipping"));
        return new TrainerOptions(schedule, plateau, given, penalty, microBatch, debug, carrying, averaging, shards);
    }

    /**
     * Returns a copy with a penalty.
     *
     * @param penalty such as L1 and L2
     * @return the copy
     */
    public TrainerOptions penalty(Penalty penalty) {
        return new TrainerOptions(schedule, plateau, clipping, penalty, microBatch, debug, carrying, averaging, shards);
    }

    /**
     * Returns a copy that runs batches through the model in micro-batches.
     *
     * @param rows examples in a micro-batch, 1 or more; 0 for whole batches
     * @return the copy
     * @throws IllegalArgumentException if it is negative, or above 0 and there are shards or carried states
     */
    public TrainerOptions microBatch(int rows) {
        return new TrainerOptions(schedule, plateau, clipping, penalty, rows, debug, carrying, averaging, shards);
    }

    /**
     * Returns a copy that cuts every batch into shards, computed on the threads of this process: {@code
     * shards(Shards.of(count))}.
     *
     * @param count the number of shards, 1 to {@link Shards#MOST}
     * @return the copy
     * @throws IllegalArgumentException if it is out of its range, or there are micro-batches or carried states
     */
    public TrainerOptions shards(int count) {
        return shards(Shards.of(count));
    }

    /**
     * Returns a copy that cuts every batch into shards.
     *
     * @param shards their number, and who computes them
     * @return the copy
     * @throws IllegalArgumentException if there are micro-batches or carried states
     */
    public TrainerOptions shards(Shards shards) {
        Optional<Shards> given = Optional.of(Objects.requireNonNull(shards, "shards"));
        return new TrainerOptions(schedule, plateau, clipping, penalty, microBatch, debug, carrying, averaging, given);
    }

    /**
     * Returns a copy that checks the output and the gradients of every layer in every step, and after every epoch that
     * no metric has changed the validation data.
     *
     * @return the copy
     */
    public TrainerOptions debugging() {
        return new TrainerOptions(schedule, plateau, clipping, penalty, microBatch, true, carrying, averaging, shards);
    }

    /**
     * Returns a copy with truncated backpropagation through time: recurrent layers begin a step with the states at the
     * end of the step before, but gradients stay within the step. {@link Trainer#fit} begins each epoch with states of
     * zero; in a custom loop call {@link Trainer#resetStates}.
     *
     * <p>The batches of an epoch are then consecutive chunks of long parallel sequences: with {@code x} [time x
     * sequences x inputs] and {@code y} [time x sequences x ...], {@code Batches.alongTime(Dataset.timeMajor(x, y),
     * 50)} gives chunks of 50 time steps (the last may be shorter), all with the same number of sequences. ({@code
     * Batches.inOrder} of a data set that does not declare its layout gives the same chunks, for a model of time-major
     * sequences.) Validation data are whole sequences.
     *
     * @return the copy
     * @throws IllegalArgumentException if there are micro-batches or shards
     */
    public TrainerOptions carryingStates() {
        return new TrainerOptions(schedule, plateau, clipping, penalty, microBatch, debug, true, averaging, shards);
    }

    /**
     * Returns a copy that averages the weights.
     *
     * @param averaging exponential, or equal from an epoch on
     * @return the copy
     */
    public TrainerOptions averaging(Averaging averaging) {
        Optional<Averaging> given = Optional.of(Objects.requireNonNull(averaging, "averaging"));
        return new TrainerOptions(schedule, plateau, clipping, penalty, microBatch, debug, carrying, given, shards);
    }
}
