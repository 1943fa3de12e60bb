package nn.examples.claims;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a package as a family of claims. The family's name is the last part of the package's name. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PACKAGE)
public @interface Family {
    /**
     * Returns the place among the families.
     *
     * @return smaller numbers come first
     */
    int order();

    /**
     * Returns the heading over its claims.
     *
     * @return a few words
     */
    String title();

    /**
     * Returns the author of its claims.
     *
     * @return the course unit by default
     */
    Claimant claimant() default Claimant.COURSE_UNIT;
}
