package nn.layers.preset;

import java.util.Locale;

/** What a parameter is for in a whole model. The first that fits counts. */
public enum ParameterRole {
    /** A running statistic, which is not initialized by a preset. */
    STATISTIC,
    /** Belongs to a recurrent layer, whose weights and biases have schemes of their own. */
    RECURRENT,
    /** Is added. */
    BIAS,
    /** Multiplies element by element: the scale of a normalization, a slope, the gain of a branch. */
    SCALE,
    /**
     * A table of learned positions: a matrix of several rows with a fan in of 1 in a layer that takes no indices, or a
     * parameter that is called {@code positions} or is in a layer of that name.
     */
    POSITIONS,
    /** A table of rows by index: an embedding, whether an output is tied to it or not. */
    TABLE,
    /** Makes the queries or keys of an attention: the parameter or its layer is called {@code query} or {@code key}. */
    QUERY_OR_KEY,
    /** The last weight of a residual branch, whose output is added. */
    BRANCH_OUTPUT,
    /** Another weight of a residual branch. */
    BRANCH_WEIGHT,
    /** The last weight of a model, if no residual branch comes after it. */
    HEAD,
    /** Any other weight of two axes or more. */
    WEIGHT,
    /** A weight of one axis, such as a parameter of a graph itself; nothing says what it is for. */
    OTHER;

    /** Such as {@code branch output}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
