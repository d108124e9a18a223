/* sources: */
/* The counter that other threads read. */
#include "check.h"
#include "counter.h"

CASE(what_was_added_is_read)
{
    int64_t counter = INT64_C(1) << 40;
    w2v_counter_add(&counter, 5);
    w2v_counter_add(&counter, -2);
    CHECK(w2v_counter_read(&counter) == (INT64_C(1) << 40) + 3);
}
