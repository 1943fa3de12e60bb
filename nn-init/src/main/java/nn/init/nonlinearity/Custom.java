package nn.init.nonlinearity;

import java.util.Objects;
import java.util.function.DoubleUnaryOperator;

/**
 * A function given as a lambda, with its derivative; moments by quadrature.
 *
 * @param name its name
 * @param f the function
 * @param df its derivative
 */
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
