/* sources: loss.c */
/* The step's scalar text, for compilers without vector extensions: the cases of test_step.c on step.c as
 * such a compiler sees it. */
#include "check.h"
#include "step.h"

#include <math.h>

#undef __clang__
#undef __GNUC__
#include "step.c"
#define __GNUC__ 4

#include "test_step.c"

CASE(scalar_is_the_only_set)
{
    CHECK(!strcmp(w2v_step_sets[0].name, "generic") && w2v_step_sets[1].name == NULL);
    CHECK(sizeof(vf_generic) == sizeof(float));
    case_the_last_set_runs_everywhere();
}

CASE(scalar_step_over_shapes)
{
    case_step_over_shapes();
}

CASE(scalar_lanes_do_not_underflow)
{
    case_no_lane_underflows();
}

CASE(scalar_step_with_repeats)
{
    case_step_with_repeats();
}

CASE(scalar_step_over_long_rows)
{
    case_step_over_long_rows();
}

CASE(scalar_loss_over_many_steps)
{
    case_loss_over_many_steps();
}

CASE(scalar_mean_and_scatter)
{
    case_mean_and_scatter();
}

CASE(scalar_exp_row_of_any_length)
{
    case_exp_row_of_any_length();
}
