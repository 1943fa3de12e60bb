package nn.train;

/**
 * Report of one training step.
 *
 * @param step its number, from 1
 * @param loss of its batch, before the step
 * @param gradientNorm Euclidean norm of all gradients together
 * @param rate the learning rate used
 * @param batchSize the number of examples
 */
public record StepReport(long step, double loss, double gradientNorm, double rate, int batchSize) {}
