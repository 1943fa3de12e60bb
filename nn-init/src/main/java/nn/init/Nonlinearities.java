package nn.init;

import java.util.Objects;
import java.util.function.DoubleUnaryOperator;

/** The kinds of {@link Nonlinearity}; records, so that equal ones are equal. */
final class Nonlinearities {
    private Nonlinearities() {}

    record Linear() implements Nonlinearity {
        @Override
        public String name() {
            return "linear";
        }

        @Override
        public double value(double z) {
            return z;
        }

        @Override
        public double derivative(double z) {
            return Double.isNaN(z) ? z : 1;
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record Relu() implements Nonlinearity {
        @Override
        public String name() {
            return "relu";
        }

        @Override
        public double value(double z) {
            return Math.max(z, 0); // not z > 0 ? z : 0, which loses NaN
        }

        @Override
        public double derivative(double z) {
            return step(z, 0);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record LeakyRelu(double slope) implements Nonlinearity {
        LeakyRelu {
            Arguments.finite("leaky relu", "slope", slope);
        }

        @Override
        public String name() {
            return "leaky relu(" + Arguments.brief(slope) + ")";
        }

        @Override
        public double value(double z) {
            return z > 0 ? z : slope * z;
        }

        @Override
        public double derivative(double z) {
            return step(z, slope);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record Tanh() implements Nonlinearity {
        @Override
        public String name() {
            return "tanh";
        }

        @Override
        public double value(double z) {
            return StrictMath.tanh(z);
        }

        @Override
        public double derivative(double z) {
            double cosh = StrictMath.cosh(z); // 1 - tanh^2 would lose its digits where tanh saturates
            return 1 / cosh / cosh;
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record Sigmoid() implements Nonlinearity {
        @Override
        public String name() {
            return "sigmoid";
        }

        @Override
        public double value(double z) {
            return 1 / (1 + StrictMath.exp(-z));
        }

        @Override
        public double derivative(double z) {
            double e = StrictMath.exp(-Math.abs(z)); // the derivative is even, and e never overflows
            return e / ((1 + e) * (1 + e));
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record Custom(String name, DoubleUnaryOperator f, DoubleUnaryOperator df) implements Nonlinearity {
        Custom {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(f, "f");
            Objects.requireNonNull(df, "df");
        }

        @Override
        public double value(double z) {
            return f.applyAsDouble(z);
        }

        @Override
        public double derivative(double z) {
            return df.applyAsDouble(z);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static double step(double z, double below) {
        if (z > 0) {
            return 1;
        }
        return Double.isNaN(z) ? z : below;
    }
}
