package nn.train.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.Supplier;
import nn.layers.Context;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.NonFiniteException;
import nn.train.Trainer;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.diagnose.Zoo.Kind;
import nn.train.diagnose.Zoo.Patient;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Treated networks learn what sick ones do not. */
class TreatmentTest {
    private static final int KEYS = Integer.getInteger("nn.zoo.keys", 1);
    private static final String LIKE = System.getProperty("nn.zoo.like", ""); // a part of the names
    private static final int EVERY = Integer.getInteger("nn.zoo.every", 7);
    private static final double NEAR = 0.03; // of a score of 1
    private static final int EPOCHS = 30;
    private static final int STEPS = 200;

    /** The share of rows that a trained network classifies correctly; of a regression, 1 - error / variance. */
    private static double score(Patient patient, Supplier<Optimizer> optimizer) {
        Tensor x = patient.x();
        Trainer trainer = new Trainer(patient.model(), patient.loss(), optimizer.get(), Key.of(7));
        try {
            if (x.shape().rank() == 3) { // sequences, in one batch
                for (int step = 0; step < STEPS; step++) {
                    trainer.step(x, patient.y());
                }
            } else {
                trainer.fit(Batches.shuffled(new Dataset(x, patient.y()), 32, Key.of(8)), EPOCHS);
            }
        } catch (NonFiniteException | IllegalArgumentException e) {
            return 0;
        }
        Tensor output = patient.model().forward(x, Context.inference()).output();
        if (patient.loss() instanceof SoftmaxCrossEntropy) {
            return Metrics.accuracy(patient.model(), x, patient.y());
        }
        Tensor error = output.subtract(patient.y());
        double mean = patient.y().mean();
        return 1 - error.secondMoment() / (patient.y().secondMoment() - mean * mean);
    }

    /** The best score of two rates. */
    private static double score(Supplier<Patient> patient, DoubleFunction<Optimizer> rate) {
        double best = 0;
        for (double r : new double[] {1, 0.1}) {
            best = Math.max(best, score(patient.get(), () -> rate.apply(r)));
        }
        return best;
    }

    private static Patient treated(Patient sick, Treatment treatment) {
        Fixed fixed = treatment.applyTo(sick.model());
        return new Patient(fixed.model(), sick.loss(), fixed.inputs(sick.x()), fixed.targets(sick.y()));
    }

    @Tag("slow")
    @Test
    void treatedNetworksLearnAsSoundOnesDoAndNoneBecomesWorse() {
        List<String> notes = new ArrayList<>();
        int learning = 0;
        int all = 0;
        int worse = 0;
        List<DoubleFunction<Optimizer>> optimizers = List.of(r -> Adam.of(3e-3 * r), r -> Sgd.of(0.1 * r));
        List<Kind> sick = Zoo.sick().stream()
                .filter(kind -> kind.trains() && kind.name().contains(LIKE))
                .toList();
        for (int i = 0; i < sick.size(); i += EVERY) {
            Kind kind = sick.get(i);
            for (int k = 0; k < KEYS; k++) {
                Key key = Key.of(50 + k);
                Patient patient = kind.draw().apply(key);
                boolean isFinite = patient.model().parameters().stream()
                        .allMatch(p -> p.value().isFinite());
                Treatment treatment = Doctor.standard()
                        .examine(patient.model(), patient.loss(), patient.x(), patient.y(), key)
                        .treatment();
                for (DoubleFunction<Optimizer> optimizer : optimizers) {
                    double before = isFinite ? score(() -> kind.draw().apply(key), optimizer) : 0;
                    double after = score(() -> treated(kind.draw().apply(key), treatment), optimizer);
                    double sound = score(() -> kind.sound().apply(key), optimizer);
                    boolean learns = after >= sound - NEAR;
                    boolean isWorse = after < before - NEAR;
                    all++;
                    learning += learns ? 1 : 0;
                    worse += isWorse ? 1 : 0;
                    if (!learns || isWorse) {
                        notes.add(String.format(
                                Locale.ROOT,
                                "%s, %s: %.2f, then %.2f; sound: %.2f",
                                kind,
                                optimizer.apply(1),
                                before,
                                after,
                                sound));
                    }
                }
            }
        }
        String text = learning + " of " + all + " learn, " + worse + " are worse:\n" + String.join("\n", notes);
        assertThat(learning).as(text).isGreaterThanOrEqualTo((int) Math.ceil(0.8 * all));
        assertThat(worse).as(text).isZero();
    }
}
