package nn.examples.sweep;

import nn.examples.data.DigitImages;
import nn.examples.experiment.Nonlinearities;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.Scaled;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.network.Network;
import nn.train.NonFiniteException;
import nn.train.Trainer;
import nn.train.data.Batch;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;

/** Runs trials of a recipe. It may be used by several threads at a time; a trial never depends on another. */
public final class TrialRunner {
    private static final double TEST_SHARE = 0.25;

    private final Recipe recipe;
    private final Dataset digits = DigitImages.load(); // only read

    /**
     * Loads the data.
     *
     * @param recipe what all trials have in common
     */
    public TrialRunner(Recipe recipe) {
        this.recipe = recipe;
    }

    /**
     * Trains a network and tests it.
     *
     * @param trial the coordinates
     * @return the outcome, the same bits on every machine
     * @throws IllegalArgumentException if the scheme cannot fill such weights; the message names the trial
     */
    public Outcome run(Trial trial) {
        Dataset.Split data = digits.split(TEST_SHARE, trial.data().child("split"));
        try {
            return run(trial, data);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("trial '" + trial + "': " + e.getMessage(), e);
        }
    }

    private Outcome run(Trial trial, Dataset.Split data) {
        Network network = network(trial);
        Trainer trainer = new Trainer(
                network,
                new SoftmaxCrossEntropy(),
                recipe.method().of(trial.setting().rate()),
                trial.weights().child("trainer"));
        Batches batches =
                Batches.shuffled(data.train(), recipe.batch(), trial.data().child("batches"));
        double first = Double.POSITIVE_INFINITY;
        double last = first;
        int steps = 0;
        try {
            for (int epoch = 0; steps < recipe.steps(); epoch++) {
                for (Batch batch : batches.epoch(epoch)) {
                    if (steps == recipe.steps()) {
                        break;
                    }
                    last = trainer.step(batch.x(), batch.y()).loss();
                    first = steps == 0 ? last : first;
                    steps++;
                }
            }
        } catch (NonFiniteException e) {
            return new Outcome(first, Double.POSITIVE_INFINITY, 0, steps, true);
        }
        double accuracy = Metrics.accuracy(network, data.test().x(), data.test().y());
        return Double.isNaN(accuracy) // a finite last step may still have made outputs that are not
                ? new Outcome(first, Double.POSITIVE_INFINITY, 0, steps, true)
                : new Outcome(first, last, accuracy, steps, false);
    }

    private Network network(Trial trial) {
        Setting setting = trial.setting();
        Initializer weights = new Scaled(Init.parse(setting.scheme()), setting.gain());
        Initializer biases = recipe.biasVariance() == 0 ? Init.zeros() : Init.normal(Math.sqrt(recipe.biasVariance()));
        Nonlinearity f = Nonlinearities.named(setting.activation());
        Network.Builder builder = Network.builder(trial.weights()).input(DigitImages.SIDE * DigitImages.SIDE);
        for (int l = 1; l <= setting.depth(); l++) {
            builder.dense("hidden" + l, setting.width(), weights, biases).activation(f);
        }
        return builder.dense("out", DigitImages.CLASSES, Init.lecunNormal()).build();
    }
}
