package nn.examples.claims;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Stands on a package of claims; the family's name is the last part of the package's. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PACKAGE)
public @interface Family {
    /**
     * The place among the families.
     *
     * @return small numbers first
     */
    int order();

    /**
     * The heading over its claims.
     *
     * @return a few words
     */
    String title();

    /**
     * Who makes its claims.
     *
     * @return the course unit, unless papers do
     */
    Claimant claimant() default Claimant.COURSE_UNIT;
}
