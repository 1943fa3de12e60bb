package nn.train.schedule;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import nn.train.internal.Hyperparameters;

/** The built-in schedules. They are records, so that toString contains their numbers. */
final class Schedules {
    private Schedules() {}

    static void requireSteps(String schedule, String name, long steps, long min) {
        if (steps < min) {
            throw new IllegalArgumentException(
                    schedule + " schedule: " + name + " is " + steps + "; it must be " + min + " or more");
        }
    }

    private static void requireFloor(String schedule, double floor) {
        if (!(floor >= 0 && floor <= 1)) {
            throw new IllegalArgumentException(schedule + " schedule: floor is " + floor + "; it must be from 0 to 1");
        }
    }

    /** Returns {@code from} at t = 0, {@code to} at t = 1, and half a cosine between them. */
    static double halfCosine(double from, double to, double t) {
        return to + (from - to) * (1 + StrictMath.cos(StrictMath.PI * t)) / 2;
    }

    record Constant() implements Schedule {
        @Override
        public double factor(long steps, int epochs) {
            return 1;
        }
    }

    record Step(long every, double decay) implements Schedule {
        Step {
            requireSteps("step", "every", every, 1);
            Hyperparameters.requireNonNegativeDouble("step schedule", "decay", decay);
        }

        @Override
        public double factor(long steps, int epochs) {
            return StrictMath.pow(decay, steps / every);
        }
    }

    record Milestones(double decay, List<Long> milestones) implements Schedule {
        Milestones {
            Hyperparameters.requireNonNegativeDouble("milestones schedule", "decay", decay);
            milestones = List.copyOf(milestones);
            milestones.forEach(m -> requireSteps("milestones", "a milestone", m, 0));
        }

        Milestones(double decay, long[] milestones) {
            this(decay, Arrays.stream(milestones).boxed().toList());
        }

        @Override
        public double factor(long steps, int epochs) {
            return StrictMath.pow(
                    decay, milestones.stream().filter(m -> m <= steps).count());
        }
    }

    record Cosine(long steps, double floor) implements Schedule {
        Cosine {
            requireSteps("cosine", "steps", steps, 1);
            requireFloor("cosine", floor);
        }

        @Override
        public double factor(long done, int epochs) {
            return halfCosine(1, floor, (double) Math.min(done, steps) / steps);
        }
    }

    record Restarts(long steps, int longer, double floor) implements Schedule {
        Restarts {
            requireSteps("cosine restarts", "steps", steps, 1);
            requireSteps("cosine restarts", "longer", longer, 1);
            requireFloor("cosine restarts", floor);
        }

        @Override
        public double factor(long done, int epochs) {
            if (longer == 1) {
                return halfCosine(1, floor, (double) (done % steps) / steps);
            }
            long begun = 0;
            long length = steps;
            while (done - begun >= length) {
                begun += length;
                length = length > Long.MAX_VALUE / longer ? Long.MAX_VALUE : length * longer;
            }
            return halfCosine(1, floor, (double) (done - begun) / length);
        }
    }

    record Linear(long steps, double from, double to) implements Schedule {
        Linear {
            requireSteps("linear", "steps", steps, 1);
            Hyperparameters.requireNonNegativeDouble("linear schedule", "from", from);
            Hyperparameters.requireNonNegativeDouble("linear schedule", "to", to);
        }

        @Override
        public double factor(long done, int epochs) {
            return from + (to - from) * Math.min(done, steps) / steps;
        }
    }

    record WarmUp(long steps) implements Schedule {
        WarmUp {
            requireSteps("warm-up", "steps", steps, 1);
        }

        @Override
        public double factor(long done, int epochs) {
            return Math.min(1, (done + 1.0) / steps);
        }
    }

    record Polynomial(long steps, double power) implements Schedule {
        Polynomial {
            requireSteps("polynomial", "steps", steps, 1);
            Hyperparameters.requireNonNegativeDouble("polynomial schedule", "power", power);
        }

        @Override
        public double factor(long done, int epochs) {
            return StrictMath.pow(1 - (double) Math.min(done, steps) / steps, power);
        }
    }

    record Product(Schedule first, Schedule second) implements Schedule {
        Product {
            Objects.requireNonNull(first, "first");
            Objects.requireNonNull(second, "second");
        }

        @Override
        public double factor(long steps, int epochs) {
            return first.factor(steps, epochs) * second.factor(steps, epochs);
        }
    }

    record Sequence(Schedule first, long steps, Schedule next) implements Schedule {
        Sequence {
            Objects.requireNonNull(first, "first");
            Objects.requireNonNull(next, "next");
            requireSteps("sequence", "steps", steps, 0);
            if (countsEpochs(next)) {
                throw new IllegalArgumentException("sequence schedule: the next, " + next + ", counts epochs, but it"
                        + " begins after " + steps
                        + " steps, and the number of epochs in them is not known; count both in"
                        + " epochs, first.then(epochs, next).perEpoch(), or multiply them, first.times(next)");
            }
        }

        @Override
        public double factor(long done, int epochs) {
            return done < steps ? first.factor(done, epochs) : next.factor(done - steps, epochs);
        }
    }

    /** Returns whether a built-in schedule, or a part of it, counts epochs; false for a lambda. */
    private static boolean countsEpochs(Schedule schedule) {
        return switch (schedule) {
            case PerEpoch _ -> true;
            case Product(Schedule first, Schedule second) -> countsEpochs(first) || countsEpochs(second);
            case Sequence sequence -> countsEpochs(sequence.first()); // the next of a sequence does not
            default -> false;
        };
    }

    record PerEpoch(Schedule schedule) implements Schedule {
        PerEpoch {
            Objects.requireNonNull(schedule, "schedule");
        }

        @Override
        public double factor(long steps, int epochs) {
            return schedule.factor(epochs, epochs);
        }
    }
}
