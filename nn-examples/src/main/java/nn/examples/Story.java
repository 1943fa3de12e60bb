package nn.examples;

import nn.tensor.Key;

/** An example that states expected numbers, measures them, and exits with 1 if one leaves its range. */
abstract class Story extends Example {
    Story(String name, String summary) {
        super(name, summary, Option.SEED);
    }

    /**
     * Describes the experiment, and measures.
     *
     * @param key the key of the seed
     * @param terminal receives the description
     * @param expectations receives the measurements, below the description
     */
    abstract void tell(Key key, Terminal terminal, Expectations expectations);

    @Override
    final int run(Arguments arguments, Terminal terminal) {
        Expectations expectations = new Expectations(terminal);
        tell(arguments.key(), terminal, expectations);
        return expectations.code();
    }
}
