package nn.layers.preset;

import java.util.Objects;
import nn.init.Initializer;
import nn.tensor.Description;

/** What a preset does with a parameter. */
public sealed interface Decision {
    /**
     * It is drawn.
     *
     * @param initializer gives the values
     */
    record Draw(Initializer initializer) implements Decision {
        /**
         * Checks the argument.
         *
         * @throws NullPointerException if it is null
         */
        public Draw {
            Objects.requireNonNull(initializer, "initializer");
        }

        /** The initializer's text. */
        @Override
        public String toString() {
            return Description.of(initializer);
        }
    }

    /** It stays as it is, which the preset means. */
    record Keep() implements Decision {
        /** {@code as built}. */
        @Override
        public String toString() {
            return "as built";
        }
    }

    /**
     * It stays as it is, because the preset says nothing about such a parameter.
     *
     * @param reason why
     */
    record Unmatched(String reason) implements Decision {
        /**
         * Checks the argument.
         *
         * @throws NullPointerException if it is null
         */
        public Unmatched {
            Objects.requireNonNull(reason, "reason");
        }

        /** Such as {@code NOT MATCHED, as built: ...}. */
        @Override
        public String toString() {
            return "NOT MATCHED, as built: " + reason;
        }
    }
}
