package nn.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.metric.Monitor;
import nn.train.schedule.Plateau;

/**
 * The progress of a fit: its settings, the number of epochs done, the best epoch and the plateau. Two calls request the
 * same fit if their {@linkplain #differences settings} are equal.
 */
final class FitProgress {
    private static final String SETTINGS = "fit/";
    private static final String BATCHES = "batches/"; // prefix of settings that must not change within an epoch
    private static final String DONE = "trainer/fit/epochs";
    static final String BEST = "best/"; // before the path of a parameter

    private final SequencedMap<String, String> settings;
    private final SequencedMap<String, Tensor> bestValues; // by path; empty if they are not kept
    private int epochs;
    private BestEpoch best;
    private PlateauState plateau;

    private FitProgress(
            SequencedMap<String, String> settings,
            SequencedMap<String, Tensor> bestValues,
            BestEpoch best,
            PlateauState plateau) {
        this.settings = settings;
        this.bestValues = bestValues;
        this.best = best;
        this.plateau = plateau;
    }

    /** Returns the progress at the beginning of a fit. Reads all values of the data once. */
    static FitProgress of(Batches data, FitOptions fit, Optional<Plateau> rule, List<TrainedParameter> parameters) {
        SequencedMap<String, String> settings = new LinkedHashMap<>();
        data.fingerprint().forEach((name, text) -> settings.put(BATCHES + name, text));
        settings.put(
                "validation", fit.validation().map(held -> held.fingerprint()).orElse("none"));
        settings.put("epochs", "" + fit.epochs());
        settings.put("monitor", "" + fit.earlyStopping().monitor());
        settings.put("patience", "" + fit.earlyStopping().patience());
        settings.put("minDelta", "" + fit.earlyStopping().minDelta());
        settings.put("keepBest", "" + fit.endsWithBest());
        settings.put("validateAverage", "" + fit.validatesAverage());
        SequencedMap<String, Tensor> values = new LinkedHashMap<>();
        if (fit.endsWithBest()) { // memory is allocated first, so that no epoch fails for lack of it
            parameters.forEach(trained -> values.put(
                    trained.path(), Tensor.zeros(trained.parameter().value().shape())));
        }
        return new FitProgress(
                settings,
                values,
                BestEpoch.none(fit.earlyStopping().monitor()),
                PlateauState.start(rule.map(Plateau::monitor).orElse(Monitor.LOSS)));
    }

    /** Returns the number of epochs done. */
    int epochs() {
        return epochs;
    }

    /** Returns the factor by which the plateau multiplies the rates. */
    double rateFactor() {
        return plateau.factor();
    }

    boolean isOutOfPatience(FitOptions fit) {
        int patience = fit.earlyStopping().patience();
        return patience > 0 && best.waited() >= patience;
    }

    /** Compares an epoch that is done with the best one. */
    void add(EpochReport report, FitOptions fit, Optional<Plateau> rule, List<TrainedParameter> parameters) {
        PlateauState nextPlateau = rule.isPresent()
                ? plateau.after(rule.get(), monitored(rule.get().monitor(), report, fit))
                : plateau;
        EarlyStopping stopping = fit.earlyStopping();
        BestEpoch nextBest = best.after(report.epoch(), monitored(stopping.monitor(), report, fit), stopping);
        if (nextBest.waited() == 0) {
            for (TrainedParameter trained : parameters) {
                Tensor kept = bestValues.get(trained.path());
                if (kept != null) {
                    kept.copyFrom(trained.parameter().value());
                }
            }
        }
        plateau = nextPlateau;
        best = nextBest;
        epochs++;
    }

    private static double monitored(Monitor monitor, EpochReport report, FitOptions fit) {
        if (!monitor.isLoss()) {
            return Objects.requireNonNull(report.metrics().get(monitor.quantity()), monitor::quantity);
        }
        return fit.validation().isPresent() ? report.validationLoss() : report.loss();
    }

    /** Sets the parameters to the values of the best epoch, if these are kept. */
    void restoreBest(List<TrainedParameter> parameters) {
        for (TrainedParameter trained : parameters) {
            Tensor kept = bestValues().get(trained.path());
            if (kept != null) {
                trained.parameter().value().copyFrom(kept);
            }
        }
    }

    /** Returns the values of the best epoch, by path; empty if they are not kept or there is no best epoch yet. */
    private SequencedMap<String, Tensor> bestValues() {
        return best.epoch() > 0 ? bestValues : new LinkedHashMap<>();
    }

    /** Returns whether another fit would lose the comparison of epochs done. */
    boolean hasCompared(TrainerOptions options) {
        boolean compares = !"0".equals(settings.get("patience"))
                || "true".equals(settings.get("keepBest"))
                || options.plateau().isPresent();
        return compares && epochs > 0;
    }

    /** Returns the settings in which another fit differs, a text for each. */
    List<String> differences(FitProgress other) {
        return differences(other, "");
    }

    /** Returns the differences that concern the batches of an epoch. */
    List<String> batchDifferences(FitProgress other) {
        return differences(other, BATCHES);
    }

    private List<String> differences(FitProgress other, String prefix) {
        List<String> differences = new ArrayList<>();
        other.settings.forEach((name, requested) -> { // all of them; a state from outside may lack some
            String text = settings.get(name);
            if (name.startsWith(prefix) && !requested.equals(text)) {
                String shown = name.startsWith(BATCHES) ? name.substring(BATCHES.length()) : name;
                differences.add(shown + (text == null ? " is not known" : " was " + text) + ", now it is " + requested);
            }
        });
        return differences;
    }

    void writeText(SequencedMap<String, String> text) {
        settings.forEach((name, value) -> text.put(SETTINGS + name, value));
        text.put(DONE, "" + epochs);
        best.write(text);
        plateau.write(text);
    }

    void addBest(SequencedMap<String, Tensor> tensors) {
        bestValues().forEach((path, values) -> tensors.put(BEST + path, values));
    }

    /** Reads an unfinished fit from a state; empty if it holds none. */
    static Optional<FitProgress> read(StateReader reader, List<TrainedParameter> parameters) {
        boolean hasBest = reader.hasTensors(BEST);
        if (!reader.hasText(DONE)) {
            return Optional.empty(); // the reader then refuses tensors of a best epoch
        }
        SequencedMap<String, String> settings = new LinkedHashMap<>();
        for (String name : reader.textNames(SETTINGS)) {
            settings.put(name, reader.text(SETTINGS + name));
        }
        for (String name :
                List.of("validation", "epochs", "monitor", "patience", "minDelta", "keepBest", "validateAverage")) {
            settings.computeIfAbsent(name, missing -> reader.text(SETTINGS + missing));
        }
        String keepBest = settings.getOrDefault("keepBest", "");
        boolean keeps = keepBest.equals("true");
        if (!keeps && !keepBest.equals("false") && reader.hasText(SETTINGS + "keepBest")) {
            reader.problem(SETTINGS + "keepBest", "is '" + keepBest + "'; expected true or false");
        }
        SequencedMap<String, Tensor> values = new LinkedHashMap<>();
        BestEpoch best = BestEpoch.read(reader);
        for (TrainedParameter trained : parameters) {
            boolean expected = keeps && (hasBest || best.epoch() > 0);
            Shape shape = trained.parameter().value().shape();
            Optional<Tensor> kept =
                    expected ? reader.tensor(BEST + trained.path(), trained.parameter()) : Optional.empty();
            if (keeps) {
                values.put(trained.path(), kept.map(Tensor::copy).orElseGet(() -> Tensor.zeros(shape)));
            }
        }
        FitProgress progress = new FitProgress(settings, values, best, PlateauState.read(reader));
        progress.epochs = (int) reader.count(DONE, Integer.MAX_VALUE - 1);
        reader.count(SETTINGS + "epochs", Integer.MAX_VALUE);
        reader.count(SETTINGS + "patience", Integer.MAX_VALUE);
        return Optional.of(progress);
    }

    /** Reports numbers that no fit can have at the same time. */
    void requireConsistent(StateReader reader, int allEpochs) {
        reader.require(epochs <= allEpochs, DONE, epochs, "the trainer has done " + allEpochs + " epochs in all");
        long asked = reader.count(SETTINGS + "epochs", Integer.MAX_VALUE);
        reader.require(epochs <= asked, DONE, epochs, "the fit was to have " + asked + " epochs");
        long patience = reader.count(SETTINGS + "patience", Integer.MAX_VALUE);
        best.requireConsistent(reader, epochs, allEpochs, patience);
        plateau.requireConsistent(reader, epochs);
    }

    /** Returns the number of epochs done, as in {@code 3 epochs}. */
    @Override
    public String toString() {
        return epochs + (epochs == 1 ? " epoch" : " epochs");
    }
}
