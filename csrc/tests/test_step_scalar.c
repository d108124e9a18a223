/* sources: loss.c */
/* The cases of test_step.c for compilers without vector extensions: the block step is compiled here as
 * such a compiler sees it. */
#include "check.h"
#include "step.h"

#include <math.h>

#undef __clang__
#undef __GNUC__
#include "step.c"
#include "step_generic.c"
#define __GNUC__ 4

#include "test_step.c"

CASE(scalar_is_the_only_set)
{
    CHECK(w2v_step_sets[0] == &w2v_step_generic && w2v_step_sets[1] == NULL);
    CHECK(sizeof(v_float) == sizeof(float));
    case_the_last_set_runs_everywhere();
}

CASE(scalar_step_over_shapes)
{
    case_step_over_shapes();
}

CASE(scalar_unused_lanes_do_not_underflow)
{
    case_unused_lanes_do_not_underflow();
}

CASE(scalar_step_with_repeated_rows)
{
    case_step_with_repeated_rows();
}

CASE(scalar_step_over_long_rows)
{
    case_step_over_long_rows();
}

CASE(scalar_rows_that_end_with_the_last_vector)
{
    case_rows_that_end_with_the_last_vector();
}

CASE(scalar_scratch_at_any_multiple_of_4_bytes)
{
    case_scratch_at_any_multiple_of_4_bytes();
}

CASE(scalar_loss_over_many_steps)
{
    case_loss_over_many_steps();
}

CASE(scalar_mean_and_scatter)
{
    case_mean_and_scatter();
}

CASE(scalar_compose_and_add)
{
    case_compose_and_add();
}

CASE(scalar_exp_row_of_any_length)
{
    case_exp_row_of_any_length();
}
