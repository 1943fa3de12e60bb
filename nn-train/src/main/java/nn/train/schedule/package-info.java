/**
 * Learning rate schedules: a {@link nn.train.schedule.Schedule} depends only on the numbers of steps and epochs, a
 * {@link nn.train.schedule.Plateau} on a monitored quantity.
 *
 * <p>A new schedule is a static method of {@link nn.train.schedule.Schedule} and a record in {@code Schedules}.
 */
@NullMarked
package nn.train.schedule;

import org.jspecify.annotations.NullMarked;
