/** Checks and texts that the packages of this module share; not exported. */
package nn.init.internal;
