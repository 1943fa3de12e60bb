package nn.train.diagnose;

import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.tensor.Tensor;

/** What the looks at a training have shown of one weight. */
final class WeightWatch {
    /** Weights that are smaller than this share of 1 / sqrt(fan in) begin near zero on purpose, and grow from there. */
    private static final double SMALL = 0.1;

    private final String path;
    private final Parameter parameter;
    private final Tensor before;
    private int looks;
    private int looksWithGradient;
    private double update = Double.NaN; // running mean
    private double gradient = Double.NaN; // running mean
    private double largest;
    private long largestAt;

    WeightWatch(String path, Parameter parameter) {
        this.path = path;
        this.parameter = parameter;
        this.before = Tensor.zeros(parameter.value().shape());
    }

    /** Begins a look, before the step. */
    void begin() {
        before.copyFrom(parameter.value());
    }

    /** Ends a look of a step that was taken. */
    void end(Gradients gradients, long step) {
        if (gradients.isFrozen(parameter)) {
            return;
        }
        double size = before.norm();
        before.addScaledInPlace(-1, parameter.value());
        double change = before.norm();
        double slope = gradients.of(parameter).norm();
        looks++;
        looksWithGradient += slope > 0 ? 1 : 0;
        if (size == 0) {
            return;
        }
        update = mean(update, change / size);
        gradient = mean(gradient, slope / size);
        double rootMeanSquare = size / Math.sqrt(before.size());
        boolean isSmall = rootMeanSquare * Math.sqrt(parameter.fans().in()) < SMALL;
        if (!isSmall && change / size > largest) {
            largest = change / size;
            largestAt = step;
        }
    }

    private static double mean(double old, double now) {
        return Double.isNaN(old) ? now : (1 - UnitWatch.NEW) * old + UnitWatch.NEW * now;
    }

    double update() {
        return update;
    }

    double gradient() {
        return gradient;
    }

    WatchReport.Weight reading() {
        return new WatchReport.Weight(path, update, largest, largestAt, gradient, looks, looksWithGradient);
    }
}
