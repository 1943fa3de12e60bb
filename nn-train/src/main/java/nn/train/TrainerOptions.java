package nn.train;

import java.util.Objects;
import java.util.Optional;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Penalty;
import nn.train.schedule.Plateau;
import nn.train.schedule.Schedule;

/**
 * Options of a {@link Trainer} beyond the plain step. Begin with {@link #NONE}:
 *
 * <pre>{@code
 * TrainerOptions.NONE.schedule(Schedule.warmUp(500)).clipping(Clipping.norm(1)).microBatch(16)
 * }</pre>
 *
 * @param schedule what the rates of the optimizer are multiplied by, step by step
 * @param plateau lowers the rates when a fit no longer improves
 * @param clipping keeps gradients from being too large
 * @param penalty what large weights cost; not part of the loss that is reported
 * @param microBatch how many examples go through the model at once, taken along the axis that the model {@linkplain
 *     nn.layers.Layer#batchAxis says}; the gradients of the parts of a batch are added up, for one update as of the
 *     whole batch. 0: all at once
 * @param debug whether the output and the gradients of every layer are looked at in every step, so that the first bad
 *     number is found before it goes anywhere. Without, a step that fails is made again that way, to find the layer
 * @param carrying whether recurrent layers begin a step with the states that they ended the last one with, see {@link
 *     #carryingStates}
 */
public record TrainerOptions(
        Schedule schedule,
        Optional<Plateau> plateau,
        Optional<Clipping> clipping,
        Penalty penalty,
        int microBatch,
        boolean debug,
        boolean carrying) {
    /** The plain step. */
    public static final TrainerOptions NONE =
            new TrainerOptions(Schedule.constant(), Optional.empty(), Optional.empty(), Penalty.NONE, 0, false, false);

    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     * @throws IllegalArgumentException if {@code microBatch} is negative, or with {@code carrying}
     */
    public TrainerOptions {
        Objects.requireNonNull(schedule, "schedule");
        Objects.requireNonNull(plateau, "plateau");
        Objects.requireNonNull(clipping, "clipping");
        Objects.requireNonNull(penalty, "penalty");
        if (microBatch < 0) {
            throw new IllegalArgumentException("microBatch is " + microBatch + "; it must be 1 or more, or 0 for none");
        }
        if (carrying && microBatch > 0) {
            throw new IllegalArgumentException("microBatch is " + microBatch + ", but states are carried from step to"
                    + " step: the parts of a batch do not follow each other in time; leave one of the two out");
        }
    }

    /**
     * Returns a copy with a schedule.
     *
     * @param schedule what the rates are multiplied by
     * @return the copy
     */
    public TrainerOptions schedule(Schedule schedule) {
        return new TrainerOptions(schedule, plateau, clipping, penalty, microBatch, debug, carrying);
    }

    /**
     * Returns a copy that lowers the rates when training no longer improves.
     *
     * @param plateau when, and by how much
     * @return the copy
     */
    public TrainerOptions plateau(Plateau plateau) {
        Optional<Plateau> given = Optional.of(Objects.requireNonNull(plateau, "plateau"));
        return new TrainerOptions(schedule, given, clipping, penalty, microBatch, debug, carrying);
    }

    /**
     * Returns a copy with clipped gradients.
     *
     * @param clipping by norm or by value
     * @return the copy
     */
    public TrainerOptions clipping(Clipping clipping) {
        Optional<Clipping> given = Optional.of(Objects.requireNonNull(clipping, "clipping"));
        return new TrainerOptions(schedule, plateau, given, penalty, microBatch, debug, carrying);
    }

    /**
     * Returns a copy with a penalty.
     *
     * @param penalty L1 and L2
     * @return the copy
     */
    public TrainerOptions penalty(Penalty penalty) {
        return new TrainerOptions(schedule, plateau, clipping, penalty, microBatch, debug, carrying);
    }

    /**
     * Returns a copy that runs batches through the model in parts.
     *
     * @param rows examples in a part, 1 or more; 0 for none
     * @return the copy
     * @throws IllegalArgumentException if it is negative
     */
    public TrainerOptions microBatch(int rows) {
        return new TrainerOptions(schedule, plateau, clipping, penalty, rows, debug, carrying);
    }

    /**
     * Returns a copy that checks the output and the gradients of every layer in every step, and after every epoch that
     * no metric has changed the validation data.
     *
     * @return the copy
     */
    public TrainerOptions debugging() {
        return new TrainerOptions(schedule, plateau, clipping, penalty, microBatch, true, carrying);
    }

    /**
     * Returns a copy with truncated backpropagation through time: recurrent layers begin a step with the states that
     * they ended the last one with, but gradients stay within the step. {@link Trainer#fit} begins each epoch with
     * states of zero; in your own loop {@link Trainer#resetStates} does that.
     *
     * <p>So the batches of an epoch are chunks of long sequences that run side by side, in order: with {@code x} [time
     * x sequences x inputs] and {@code y} [time x sequences x ...], {@code
     * Batches.alongTime(Dataset.timeMajor(x, y), 50)} are chunks of 50 time steps (the last may be shorter). All have
     * as many sequences. ({@code Batches.inOrder} of a data set that does not declare its layout gives the same chunks,
     * for a model that takes time first.) Validation data are whole sequences, measured as such.
     *
     * @return the copy
     * @throws IllegalArgumentException if batches go through the model in parts
     */
    public TrainerOptions carryingStates() {
        return new TrainerOptions(schedule, plateau, clipping, penalty, microBatch, debug, true);
    }
}
