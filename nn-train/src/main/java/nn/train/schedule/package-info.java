/**
 * Learning rate schedules: a {@link nn.train.schedule.Schedule} depends on the number of steps and epochs alone, a
 * {@link nn.train.schedule.Plateau} on how the training goes.
 *
 * <p>A new schedule is a static method of {@link nn.train.schedule.Schedule} and a record in {@code Schedules}.
 */
@NullMarked
package nn.train.schedule;

import org.jspecify.annotations.NullMarked;
