/** Helpers of this module; not exported. */
package nn.layers.internal;
