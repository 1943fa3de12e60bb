/**
 * The initialization of a whole model under one name: {@link nn.layers.preset.Preset} finds the role of every parameter
 * of a built model, draws it by the scheme that the preset has for the role, and says what each parameter got.
 *
 * <pre>{@code
 * PresetReport report = Preset.gpt2(24).apply(model);   // 12 blocks of two residual branches
 * report.throwIfUnmatched();
 * }</pre>
 */
@NullMarked
package nn.layers.preset;

import org.jspecify.annotations.NullMarked;
