#ifndef ENRICH_SIMULATOR_EXCHANGE_TEMPLATE_H_
#define ENRICH_SIMULATOR_EXCHANGE_TEMPLATE_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

// Recorded requests and answers as templates: where the contacts stand in them,
// and the same with other contacts in their places.
namespace enrich::simulator {

// Inputs of a contact by name, with its `ref`.
using ContactValues = std::map<std::string, std::string>;

// The parameters of a query or form, decoded.
using Parameters = std::vector<std::pair<std::string, std::string>>;
Parameters ParseParameters(absl::string_view text);

// What a request says, a text for each place: "/contacts/0/name" in the body,
// "?name" in the query or a form.
using Places = std::vector<std::pair<std::string, std::string>>;
Places PlacesOf(const json::Value& body, const Parameters& query);

// What a request asks for.
struct RequestedContacts {
  std::vector<ContactValues> contacts = {};
  // Empty without.
  std::string callback_url = {};
  std::string reference = {};
};

// Where a kind of request has its contacts: learnt from recorded ones.
class RequestTemplate {
 public:
  // Learns from a request for `contacts`, which hold `ref` too. The places of
  // the callback URL and the reference are those where `callback_url` and
  // `reference` stand. INVALID_ARGUMENT when several contacts were asked for
  // and there is no list of them.
  absl::Status Learn(const json::Value& body, const Parameters& query,
                     const std::vector<ContactValues>& contacts,
                     absl::string_view callback_url,
                     absl::string_view reference);

  bool learnt() const { return learnt_; }

  // INVALID_ARGUMENT when the parallel lists of a request differ in length.
  absl::StatusOr<RequestedContacts> Read(const json::Value& body,
                                         const Parameters& query) const;

 private:
  // The contact a place speaks of, and the place with "*" for its position;
  // nothing for a place outside of the lists.
  std::optional<std::pair<size_t, std::string>> InList(
      absl::string_view place) const;

  bool learnt_ = false;
  // Where lists of contacts stand, parallel ones included; empty when the
  // whole request speaks of one contact.
  std::set<std::string> lists_ = {};
  // What stands at a place, as InList gives it.
  std::map<std::string, std::set<std::string>> inputs_ = {};
  std::set<std::string> callback_places_ = {};
  std::set<std::string> reference_places_ = {};
};

// What stands for what in a copy of an answer.
struct Replacements {
  // Whole texts and numbers, by their lower-case spelling.
  std::map<std::string, std::string> whole = {};
  // Parts of texts, such as a job's id in a URL.
  std::vector<std::pair<std::string, std::string>> parts = {};
  // A member outside of the lists: keys, the number it must have, and what it
  // becomes.
  std::set<std::string> amount_keys = {};
  std::string amount = {};
  std::string new_amount = {};
};

// A contact in a copy: whose element of the recorded answer it gets.
struct PlayedContact {
  size_t original = 0;
  Replacements replacements = {};
};

// A recorded answer or push.
class AnswerTemplate {
 public:
  // `marks` tells contacts apart: of each, the lower-case texts that only what
  // is said of it has. With `positional`, a list as long as `marks` stands in
  // for what has no mark. A `body` that is no JSON has no contacts.
  static AnswerTemplate Learn(absl::string_view body,
                              const std::vector<std::set<std::string>>& marks,
                              bool positional);

  // Whether there is a list of contacts.
  bool has_list() const { return !lists_.empty(); }
  // Whether something in a list is said of the contact.
  bool Lists(size_t contact) const;

  // The answer for other contacts: each list has for each of them a copy of
  // what it says of the original. `common` is for what is outside of lists.
  std::string Render(const std::vector<PlayedContact>& contacts,
                     const Replacements& common) const;

 private:
  using Owners = std::vector<size_t>;

  std::string raw_ = {};
  // Null for a body that is no JSON.
  std::shared_ptr<const json::Document> document_ = {};
  // Of each list, by its place, whose each element is.
  std::map<std::string, Owners> lists_ = {};

  friend class AnswerLearner;
  friend class AnswerRenderer;
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_EXCHANGE_TEMPLATE_H_
