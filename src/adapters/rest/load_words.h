#ifndef ENRICH_ADAPTERS_REST_LOAD_WORDS_H_
#define ENRICH_ADAPTERS_REST_LOAD_WORDS_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "adapters/rest/load_context.h"
#include "adapters/rest/plan.h"

// The gateway's own words in provider files, and the checks that nothing else
// is said where one is wanted.
namespace enrich::rest {

std::optional<ItemState> ItemStateOf(absl::string_view word);
std::optional<JobPhase> JobPhaseOf(absl::string_view word);
std::optional<EmailQuality> GradeOf(absl::string_view word);
std::optional<ErrorClass> ErrorClassOf(absl::string_view word);
// Work e-mail, phone and so on, by their names in files.
std::optional<ContactField> FieldOf(absl::string_view word);

absl::string_view ErrorClassName(ErrorClass error_class);

// "FOUND, NOT_FOUND, ...": for messages.
std::string ItemStateWords();
std::string JobStateWords();
std::string GradeWords();
std::string ErrorClassWords();
std::string FieldWords();

// Report words that an expression can give, by its own text or a table, and
// that are no item state, job state or, as members `grade`, no grade.
void CheckItemStates(LoadContext& context, const YamlNode& node,
                     const Expression& expression);
void CheckJobStates(LoadContext& context, const YamlNode& node,
                    const Expression& expression);
void CheckGrades(LoadContext& context, const YamlNode& node,
                 const Expression& expression);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_WORDS_H_
