package nn.tensor.operator;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** A named setting of an {@link Operator}, which is known when a graph is written: no value of the graph. */
public sealed interface Attribute {
    /**
     * A whole number.
     *
     * @param number any
     */
    record Whole(long number) implements Attribute {}

    /**
     * A real number.
     *
     * @param number any
     */
    record Real(float number) implements Attribute {}

    /**
     * A text.
     *
     * @param text any
     */
    record Text(String text) implements Attribute {
        /**
         * Checks the argument.
         *
         * @throws NullPointerException if it is null
         */
        public Text {
            Objects.requireNonNull(text, "text");
        }
    }

    /**
     * Whole numbers.
     *
     * @param numbers any; copied
     */
    record Wholes(long... numbers) implements Attribute {
        /** Copies the numbers. */
        public Wholes {
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
            return other instanceof Wholes w && Arrays.equals(numbers, w.numbers);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(numbers);
        }

        @Override
        public String toString() {
            return Arrays.toString(numbers);
        }
    }

    /**
     * Real numbers.
     *
     * @param numbers any; copied
     */
    record Reals(float... numbers) implements Attribute {
        /** Copies the numbers. */
        public Reals {
            numbers = numbers.clone();
        }

        /**
         * The numbers.
         *
         * @return a copy
         */
        @Override
        public float[] numbers() {
            return numbers.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Reals r && Arrays.equals(numbers, r.numbers);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(numbers);
        }

        @Override
        public String toString() {
            return Arrays.toString(numbers);
        }
    }

    /**
     * Texts.
     *
     * @param texts any; copied
     */
    record Texts(List<String> texts) implements Attribute {
        /**
         * Copies the list.
         *
         * @throws NullPointerException if it is null or has null
         */
        public Texts {
            texts = List.copyOf(texts);
        }
    }

    /**
     * A graph that the operator runs, such as for each step of a sequence.
     *
     * @param graph from {@link OperatorGraph#body}
     */
    record Body(OperatorGraph graph) implements Attribute {
        /**
         * Checks the argument.
         *
         * @throws NullPointerException if it is null
         */
        public Body {
            Objects.requireNonNull(graph, "graph");
        }
    }
}
