package nn.train;

/**
 * Report of one training step.
 *
 * @param step its number, from 1
 * @param loss the loss of its batch, before the update
 * @param gradientNorm Euclidean norm of all gradients together, before clipping
 * @param rate the learning rate of the step
 * @param batchSize the number of examples
 */
public record StepReport(long step, double loss, double gradientNorm, double rate, int batchSize) {}
