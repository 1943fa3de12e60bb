package nn.train.loss;

/** What a loss takes the outputs of a model for. Diagnoses ask for it: a last layer that gives something else is a mistake. */
public enum OutputKind {
    /** Numbers that are compared with the targets as they are. */
    VALUES,

    /** Logits of separate events. The loss applies the sigmoid itself. */
    SIGMOID_LOGITS,

    /** Logits of classes, along the last axis. The loss applies softmax itself. */
    SOFTMAX_LOGITS,

    /** Logarithms of the probabilities of classes, along the last axis: the outputs of a log-softmax. */
    LOG_PROBABILITIES
}
