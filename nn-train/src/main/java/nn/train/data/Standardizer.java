package nn.train.data;

import java.util.Arrays;
import java.util.Objects;
import nn.tensor.Fma;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Shifts and scales features to mean 0 and standard deviation 1: {@code (x - mean) / stddev}. Both numbers of a feature
 * come from the data that it is fitted on. Fit it on the training part alone; else the test part is no longer unseen.
 *
 * <pre>{@code
 * Standardizer standardizer = Standardizer.fit(split.train().x());
 * Tensor train = standardizer.apply(split.train().x());
 * Tensor test = standardizer.apply(split.test().x());
 * }</pre>
 *
 * <p>Features are the last axis: in [n x features] each column has its own mean and standard deviation, in [n x time x
 * features] each feature has one of both for all times. The standard deviation is that of the data, with the divisor n
 * (not n - 1).
 */
public final class Standardizer {
    private final double[] mean;
    private final double[] stddev;

    private Standardizer(double[] mean, double[] stddev) {
        this.mean = mean;
        this.stddev = stddev;
    }

    /**
     * Computes the mean and standard deviation of every feature. A constant feature gets the standard deviation 1, so
     * that it becomes 0, and {@link #invert} restores it.
     *
     * @param data [n x features] or [... x features], at least one row, finite; one feature is [n x 1], not [n]. A
     *     feature of a single row is constant
     * @return a standardizer for these and other data
     * @throws ShapeException if there are fewer than two axes, or no value
     * @throws IllegalArgumentException if a value is NaN or infinite; names its row and feature
     */
    public static Standardizer fit(Tensor data) {
        Shape shape = Objects.requireNonNull(data, "data").shape();
        if (shape.rank() == 1 && shape.size() > 0) { // as n features of one row, all would become 0
            throw new ShapeException(
                    "standardize: data of shape " + shape + " have no rows; reshape one feature of n examples to [n x"
                            + " 1], by data.reshape(" + shape.size() + ", 1), or one example to [1 x features]",
                    "[... x features]",
                    shape);
        }
        if (shape.rank() == 0 || shape.size() == 0) {
            throw new ShapeException(
                    "standardize: data of shape " + shape + " have no mean; give at least one row",
                    "[... x features]",
                    shape);
        }
        int features = shape.dim(-1);
        int rows = shape.size() / features;
        double[] mean = new double[features];
        double[] stddev = new double[features];
        for (int j = 0; j < features; j++) {
            double sum = 0;
            boolean constant = true;
            float first = data.array()[data.offset() + j];
            for (int i = 0; i < rows; i++) {
                float value = data.array()[data.offset() + i * features + j];
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException("standardize: " + value + " in row " + i + ", feature " + j
                            + " of data of shape " + shape + "; replace or leave out such values before");
                }
                sum += value;
                constant &= value == first;
            }
            mean[j] = constant ? first : sum / rows;
            double squares = 0;
            for (int i = 0; i < rows; i++) {
                double difference = data.array()[data.offset() + i * features + j] - mean[j];
                squares += difference * difference;
            }
            stddev[j] = constant ? 1 : Math.sqrt(squares / rows);
        }
        return new Standardizer(mean, stddev);
    }

    /**
     * Returns a standardizer of known numbers, such as those of one that was {@linkplain Preprocessing saved}.
     *
     * @param mean of each feature, finite
     * @param stddev of each feature, finite and above 0
     * @return the standardizer
     * @throws IllegalArgumentException if there are no features, not as many of both, or a number is out of its range
     */
    public static Standardizer of(double[] mean, double[] stddev) {
        int features = Objects.requireNonNull(mean, "mean").length;
        if (features == 0 || Objects.requireNonNull(stddev, "stddev").length != features) {
            throw new IllegalArgumentException("standardize: " + features + " means and " + stddev.length
                    + " standard deviations; give one of each for every feature, at least one");
        }
        for (int j = 0; j < features; j++) {
            if (!Double.isFinite(mean[j]) || !(stddev[j] > 0 && Double.isFinite(stddev[j]))) {
                throw new IllegalArgumentException("standardize: feature " + j + " has mean " + mean[j]
                        + " and standard deviation " + stddev[j] + "; both must be finite, and the second above 0");
            }
        }
        return new Standardizer(mean.clone(), stddev.clone());
    }

    /**
     * Standardizes data.
     *
     * @param data [... x features]
     * @return a new tensor of the same shape; NaN and infinities of the data stay
     * @throws ShapeException if it has another number of features
     * @throws IllegalArgumentException if a finite value would become infinite
     */
    public Tensor apply(Tensor data) {
        Tensor result = copy(data);
        float[] values = result.array();
        for (int i = 0; i < values.length; i++) {
            int j = i % mean.length;
            values[i] = inRange((values[i] - mean[j]) / stddev[j], values[i], i);
        }
        return result;
    }

    /**
     * Converts standardized values, such as a model's output, back to the scale of the data. It inverts {@link #apply}
     * up to rounding.
     *
     * @param standardized [... x features]
     * @return a new tensor of the same shape; NaN and infinities of the data stay
     * @throws ShapeException if it has another number of features
     * @throws IllegalArgumentException if a finite value would become infinite
     */
    public Tensor invert(Tensor standardized) {
        Tensor result = copy(standardized);
        float[] values = result.array();
        for (int i = 0; i < values.length; i++) {
            int j = i % mean.length;
            values[i] = inRange(Fma.fma(values[i], stddev[j], mean[j]), values[i], i);
        }
        return result;
    }

    /** Returns a result as a float; refuses one beyond the range of floats that a finite value became. */
    private float inRange(double result, float value, int at) {
        float rounded = (float) result;
        if (Float.isInfinite(rounded) && Float.isFinite(value)) {
            int j = at % mean.length;
            throw new IllegalArgumentException("standardize: " + value + " in row " + at / mean.length + ", feature "
                    + j
                    + " becomes " + result + ", beyond the range of floats: the feature was fitted with mean " + mean[j]
                    + " and standard deviation " + stddev[j] + "; is it another feature, or nearly constant?");
        }
        return rounded;
    }

    private Tensor copy(Tensor data) {
        Shape shape = data.shape();
        if (shape.rank() == 0 || shape.dim(-1) != mean.length) {
            throw new ShapeException(
                    "standardize: expected [... x " + mean.length + "], as it was fitted on, got " + shape,
                    "[... x " + mean.length + "]",
                    shape);
        }
        return data.copy(); // it fills its whole array
    }

    private int index(int feature) {
        if (feature < 0 || feature >= mean.length) {
            throw new IllegalArgumentException(
                    "standardize: feature " + feature + "; there are " + mean.length + ", numbered from 0");
        }
        return feature;
    }

    /**
     * Returns the mean of a feature.
     *
     * @param feature its number
     * @return the mean in the data that this was fitted on
     * @throws IllegalArgumentException if there is no such feature
     */
    public double mean(int feature) {
        return mean[index(feature)];
    }

    /**
     * Returns the standard deviation of a feature.
     *
     * @param feature its number
     * @return the standard deviation in the data that this was fitted on; 1 if the feature is constant
     * @throws IllegalArgumentException if there is no such feature
     */
    public double stddev(int feature) {
        return stddev[index(feature)];
    }

    /**
     * Returns the number of features.
     *
     * @return at least 1
     */
    public int features() {
        return mean.length;
    }

    /** Returns whether another one computes the same. */
    @Override
    @SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
    public boolean equals(@Nullable Object other) {
        return other instanceof Standardizer that
                && Arrays.equals(mean, that.mean)
                && Arrays.equals(stddev, that.stddev);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(mean) + Arrays.hashCode(stddev);
    }

    /** Returns a text such as {@code Standardizer of 4 features}. */
    @Override
    public String toString() {
        return "Standardizer of " + mean.length + (mean.length == 1 ? " feature" : " features");
    }
}
