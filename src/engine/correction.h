#ifndef ENRICH_ENGINE_CORRECTION_H_
#define ENRICH_ENGINE_CORRECTION_H_

#include "engine/next_step.h"

namespace enrich {

// Takes up what the account says, on a second reading, of fields that it
// answered before. Pure.
//
// Its part in a result is replaced: the line of its attempt and the values it
// gave. Where other accounts gave values too, they cannot always be told apart
// any more: then only those are taken back that must be its own, which are
// those the lookup ended with. What a field comes to is concluded anew from
// what all attempts say. Nobody is asked: a field that is
// open stays so unless the account now has a value that is good enough.
//
// Credits stay as they were noted, but where the provider itself names a figure
// or where a value is now found that was overlooked before: the figure then
// replaces the one that was noted.
//
// Returns the fields that read differently now; the others are left alone.
FieldSet CorrectAnswer(const AttemptContext& context, const BatchPlan& plan,
                       FieldSet answered, const ItemAnswer& answer,
                       ContactProgress& progress);

}  // namespace enrich

#endif  // ENRICH_ENGINE_CORRECTION_H_
