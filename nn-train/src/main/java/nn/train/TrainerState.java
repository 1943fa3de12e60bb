package nn.train;

import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import nn.layers.Layer;
import nn.layers.Recurrent;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.loss.Loss;
import nn.train.optimizer.Optimizer;

/** Saves a trainer as a {@link TrainingState}, and restores one. */
final class TrainerState {
    private static final String STEPS = "trainer/steps";
    private static final String EPOCHS = "trainer/epochs";
    static final String OPTIMIZER = "trainer/optimizer"; // the kinds of optimizers
    private static final long MAX_STEPS = 1L << 53; // the optimizers compute with their number as a double
    private static final int MAX_EPOCHS = 1 << 30; // so that as many again are no overflow

    private final Layer model;
    private final Loss loss;
    private final Optimizer optimizer;
    private final Key key;
    private final TrainerOptions options;
    private final TrainingStep step;
    private final EpochLoop loop;
    private final CarriedStates carried;

    TrainerState(
            Layer model,
            Loss loss,
            Optimizer optimizer,
            Key key,
            TrainerOptions options,
            TrainingStep step,
            EpochLoop loop) {
        this.model = model;
        this.loss = loss;
        this.optimizer = optimizer;
        this.key = key;
        this.options = options;
        this.step = step;
        this.loop = loop;
        this.carried = new CarriedStates(step, options.carrying());
    }

    /** Copies everything that is needed to resume training. */
    TrainingState write() {
        SequencedMap<String, Tensor> copies = new LinkedHashMap<>();
        SequencedMap<String, String> text = new LinkedHashMap<>();
        read(state -> {
            state.tensors().forEach((name, tensor) -> copies.put(name, tensor.copy()));
            text.putAll(state.text());
        });
        return new TrainingState(copies, text);
    }

    /**
     * Hands over everything that is needed to resume training, without copies, unless it has a value that {@link
     * #restore} would refuse. No step can run meanwhile.
     */
    <E extends Exception> void read(TrainingState.Reader<E> reader) throws E {
        step.average().requireNotLent();
        step.lock()
                .claimToRead(", so the state of a trainer cannot be read now: read it when the step or the fit has"
                        + " returned, or in an observer, on the thread of the fit");
        try {
            step.update().requireConsistent();
            TrainingState state = new TrainingState(tensors(), text());
            requireRestorable(state);
            reader.read(state);
        } finally {
            step.lock().release();
        }
    }

    /** Refuses values that a trainer never makes, but other code may have set. */
    private void requireRestorable(TrainingState state) {
        StateReader reader = new StateReader(state, EnumSet.allOf(Difference.class));
        values(reader);
        for (TrainedParameter trained : step.parameters()) {
            for (String name : List.of(FitProgress.BEST + trained.path(), AveragedWeights.PREFIX + trained.path())) {
                if (state.tensors().containsKey(name)) {
                    reader.tensor(name, trained.parameter());
                }
            }
        }
        carried.tensors().forEach((name, tensor) -> reader.tensor(name, tensor.shape(), Double.NEGATIVE_INFINITY));
        if (!reader.isFitting()) {
            throw new IllegalStateException("the state of the trainer has values that could not be restored, so it was"
                    + " not read, and no file was written:\n  "
                    + String.join("\n  ", reader.problems())
                    + "\nSet other values, or restore a state that was saved before");
        }
    }

    private SequencedMap<String, Tensor> tensors() {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (TrainedParameter trained : step.parameters()) {
            tensors.put(trained.valueName(), trained.parameter().value());
        }
        for (TrainedParameter trained : step.parameters()) {
            List<Tensor> state = trained.state();
            for (int i = 0; i < state.size(); i++) {
                tensors.put(trained.stateName(i), state.get(i));
            }
        }
        loop.unfinished().ifPresent(progress -> progress.addBest(tensors));
        step.average().addTensors(tensors);
        tensors.putAll(carried.tensors());
        return tensors;
    }

    private SequencedMap<String, String> text() {
        SequencedMap<String, String> text = new LinkedHashMap<>();
        text.put(STEPS, "" + step.steps());
        text.put(EPOCHS, "" + loop.epochs());
        loop.totals().write(text);
        loop.unfinished().ifPresent(progress -> progress.writeText(text));
        carried.writeCount(text);
        step.average().writeText(text);
        for (int i = 0; i < step.parameters().size(); i++) {
            if (step.update().missed(i) > 0) {
                text.put(
                        step.parameters().get(i).missedName(),
                        "" + step.update().missed(i));
            }
        }
        text.put(OPTIMIZER, kinds());
        recipe().write(text);
        return text;
    }

    private Recipe recipe() {
        return new Recipe(model, loss, optimizer, step, key, options);
    }

    /** Returns the kinds of optimizers, which decide the meaning of the optimizer state. */
    private String kinds() {
        return step.parameters().stream()
                .map(TrainedParameter::kind)
                .filter(kind -> !kind.isEmpty())
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /**
     * Reads the values of the parameters and the states of their rules; the reader collects the problems.
     *
     * @return the tensors to be restored, each with the one to copy from
     */
    private Map<Tensor, Tensor> values(StateReader reader) {
        Map<Tensor, Tensor> copies = new IdentityHashMap<>();
        for (TrainedParameter trained : step.parameters()) {
            Tensor value = trained.parameter().value();
            reader.tensor(trained.valueName(), trained.parameter()).ifPresent(saved -> copies.put(value, saved));
            List<Tensor> memory = trained.state();
            for (int i = 0; i < memory.size(); i++) {
                Tensor part = memory.get(i);
                double smallest = trained.rule().minimum(i);
                reader.tensor(trained.stateName(i), part.shape(), smallest).ifPresent(saved -> copies.put(part, saved));
            }
        }
        return copies;
    }

    /** Restores a state; changes nothing if it does not fit. */
    void restore(TrainingState state, StateReader reader) {
        String kind = reader.text(OPTIMIZER);
        if (reader.hasText(OPTIMIZER) && !kind.equals(kinds())) {
            reader.problem(
                    OPTIMIZER,
                    "is " + (kind.isEmpty() ? "empty" : kind) + "; this trainer has " + Description.of(optimizer));
        }
        Map<Tensor, Tensor> copies = values(reader);
        long restoredSteps = reader.count(STEPS, MAX_STEPS);
        int restoredEpochs = (int) reader.count(EPOCHS, MAX_EPOCHS);
        EpochTotals restoredTotals = EpochTotals.read(reader);
        Optional<FitProgress> restoredFit = FitProgress.read(reader, step.parameters());
        Map<Layer, List<Recurrent.State>> restoredStates = carried.read(state, reader);
        AveragedWeights.Saved restoredAverage = step.average().read(state, reader, restoredSteps);
        long[] restoredMissed = new long[step.parameters().size()];
        for (int i = 0; i < restoredMissed.length; i++) {
            String name = step.parameters().get(i).missedName();
            restoredMissed[i] = reader.hasText(name) ? reader.count(name, restoredSteps) : 0;
        }
        if (reader.isFitting()) { // or a number that could not be read would be blamed for others too
            requireConsistent(reader, restoredSteps, restoredEpochs, restoredTotals, restoredFit);
        }
        recipe().compare(reader);
        reader.requireNoProblems();
        step.lock().claim();
        try {
            step.carry().restore(restoredStates); // first: the rest cannot fail
            copies.forEach(Tensor::copyFrom);
            step.restoreSteps(restoredSteps);
            loop.restore(restoredEpochs, restoredTotals, restoredFit);
            step.update().restored(restoredMissed);
            step.average().restore(restoredAverage);
        } finally {
            step.lock().release();
        }
    }

    /** Reports counters and totals that no training can have at the same time. */
    private void requireConsistent(
            StateReader reader, long steps, int epochs, EpochTotals totals, Optional<FitProgress> fit) {
        reader.require(
                steps - totals.steps() >= epochs,
                STEPS,
                steps,
                "there are " + epochs + " epochs of at least 1 step, and " + totals.steps() + " steps of the next");
        totals.requireConsistent(reader, loss.reduction());
        reader.require(totals.steps() == 0 || fit.isPresent(), STEPS, steps, "an epoch has begun, but there is no fit");
        fit.ifPresent(progress -> progress.requireConsistent(reader, epochs));
    }
}
