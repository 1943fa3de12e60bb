package nn.tensor.operator;

import java.util.Arrays;
import java.util.Objects;
import nn.tensor.Tensor;

/** Numbers that a graph holds, such as a weight. */
public sealed interface Constant {
    /**
     * The value in the graph.
     *
     * @return its name, kind and shape
     */
    Value value();

    /**
     * Numbers of kind {@link ElementKind#FLOAT32}.
     *
     * @param value in the graph
     * @param numbers of the value's shape; not copied
     */
    record Floats(Value value, Tensor numbers) implements Constant {
        /**
         * Checks the arguments.
         *
         * @throws NullPointerException if one is null
         */
        public Floats {
            Objects.requireNonNull(value, "value");
            Objects.requireNonNull(numbers, "numbers");
        }
    }

    /**
     * Numbers of kind {@link ElementKind#INT64}.
     *
     * @param value in the graph
     * @param numbers as many as the value's shape has; copied
     */
    record Wholes(Value value, long... numbers) implements Constant {
        /**
         * Copies the numbers.
         *
         * @throws NullPointerException if an argument is null
         */
        public Wholes {
            Objects.requireNonNull(value, "value");
            numbers = numbers.clone();
        }

        /**
         * The numbers.
         *
         * @return a copy
         */
        @Override
        public long[] numbers() {
            return numbers.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Wholes w && value.equals(w.value) && Arrays.equals(numbers, w.numbers);
        }

        @Override
        public int hashCode() {
            return value.hashCode() + 31 * Arrays.hashCode(numbers);
        }
    }

    /**
     * Numbers of kind {@link ElementKind#FLOAT64}.
     *
     * @param value in the graph
     * @param numbers as many as the value's shape has; copied
     */
    record Doubles(Value value, double... numbers) implements Constant {
        /**
         * Copies the numbers.
         *
         * @throws NullPointerException if an argument is null
         */
        public Doubles {
            Objects.requireNonNull(value, "value");
            numbers = numbers.clone();
        }

        /**
         * The numbers.
         *
         * @return a copy
         */
        @Override
        public double[] numbers() {
            return numbers.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Doubles d && value.equals(d.value) && Arrays.equals(numbers, d.numbers);
        }

        @Override
        public int hashCode() {
            return value.hashCode() + 31 * Arrays.hashCode(numbers);
        }
    }
}
