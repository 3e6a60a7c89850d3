#include "simulator/exchange_template.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "simulator/url_text.h"

namespace enrich::simulator {
namespace {

std::string Lower(absl::string_view text) {
  return absl::AsciiStrToLower(text);
}

void AddPlaces(const json::Value& value, const std::string& place,
               Places& out) {
  if (!value.is_array() && !value.is_object()) {
    out.emplace_back(place, std::string(value.AsText()));
    return;
  }
  size_t index = 0;
  for (const json::Value child : value) {
    AddPlaces(child,
              value.is_array() ? absl::StrCat(place, "/", index++)
                               : absl::StrCat(place, "/", child.key()),
              out);
  }
}

// Whether the contact's own values occur in a value.
bool SpeaksOf(const json::Value& value, const ContactValues& contact) {
  Places places;
  AddPlaces(value, "", places);
  return std::any_of(places.begin(), places.end(), [&](const auto& place) {
    return std::any_of(contact.begin(), contact.end(), [&](const auto& input) {
      return input.second == place.second;
    });
  });
}

bool IsContactList(const json::Value& value,
                   const std::vector<ContactValues>& contacts) {
  if (!value.is_array() || value.size() != contacts.size()) return false;
  size_t index = 0;
  for (const json::Value element : value) {
    if (!SpeaksOf(element, contacts[index++])) return false;
  }
  return true;
}

// The outermost lists of the contacts.
void FindRequestLists(const json::Value& value, const std::string& place,
                      const std::vector<ContactValues>& contacts,
                      std::set<std::string>& out) {
  if (IsContactList(value, contacts)) {
    out.insert(place);
    return;
  }
  size_t index = 0;
  for (const json::Value child : value) {
    FindRequestLists(child,
                     value.is_array() ? absl::StrCat(place, "/", index++)
                                      : absl::StrCat(place, "/", child.key()),
                     contacts, out);
  }
}

}  // namespace

Parameters ParseParameters(absl::string_view text) {
  Parameters parameters;
  for (const absl::string_view part :
       absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> parameter =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    parameters.emplace_back(Unescape(parameter.first),
                            Unescape(parameter.second));
  }
  return parameters;
}

Places PlacesOf(const json::Value& body, const Parameters& query) {
  Places places;
  for (const auto& [name, value] : query) {
    places.emplace_back(absl::StrCat("?", name), value);
  }
  if (!body.missing()) AddPlaces(body, "", places);
  return places;
}

// ---- Requests ---------------------------------------------------------------

absl::Status RequestTemplate::Learn(const json::Value& body,
                                    const Parameters& query,
                                    const std::vector<ContactValues>& contacts,
                                    absl::string_view callback_url,
                                    absl::string_view reference) {
  std::set<std::string> lists;
  FindRequestLists(body, "", contacts, lists);
  if (lists.empty() && (contacts.size() > 1 || !lists_.empty())) {
    return absl::InvalidArgumentError(
        "the request has no list with an element for each contact");
  }
  learnt_ = true;
  lists_.insert(lists.begin(), lists.end());
  for (const auto& [place, value] : PlacesOf(body, query)) {
    if (value.empty()) continue;
    if (value == callback_url) callback_places_.insert(place);
    if (value == reference) reference_places_.insert(place);
    const auto in_list = InList(place);
    if (!in_list.has_value() && !lists_.empty()) continue;
    const size_t contact = in_list ? in_list->first : 0;
    const std::string& general = in_list ? in_list->second : place;
    for (const auto& [input, text] : contacts[contact]) {
      if (text == value) inputs_[general].insert(input);
    }
  }
  return absl::OkStatus();
}

std::optional<std::pair<size_t, std::string>> RequestTemplate::InList(
    absl::string_view place) const {
  for (const std::string& list : lists_) {
    absl::string_view rest = place;
    if (!absl::ConsumePrefix(&rest, list) || !absl::ConsumePrefix(&rest, "/")) {
      continue;
    }
    const size_t end = std::min(rest.find('/'), rest.size());
    size_t index = 0;
    if (!absl::SimpleAtoi(rest.substr(0, end), &index)) continue;
    return std::make_pair(index, absl::StrCat(list, "/*", rest.substr(end)));
  }
  return std::nullopt;
}

absl::StatusOr<RequestedContacts> RequestTemplate::Read(
    const json::Value& body, const Parameters& query) const {
  RequestedContacts out;
  std::map<std::string, size_t> lengths;
  if (lists_.empty()) out.contacts.resize(1);
  for (const auto& [place, value] : PlacesOf(body, query)) {
    if (callback_places_.count(place) > 0) out.callback_url = value;
    if (reference_places_.count(place) > 0) out.reference = value;
    const auto in_list = InList(place);
    if (!in_list.has_value() && !lists_.empty()) continue;
    const size_t contact = in_list ? in_list->first : 0;
    const std::string& general = in_list ? in_list->second : place;
    if (contact >= out.contacts.size()) out.contacts.resize(contact + 1);
    if (in_list) {
      size_t& length = lengths[general.substr(0, general.find("/*"))];
      length = std::max(length, contact + 1);
    }
    const auto inputs = inputs_.find(general);
    if (inputs == inputs_.end() || value.empty()) continue;
    for (const std::string& input : inputs->second) {
      out.contacts[contact].emplace(input, value);
    }
  }
  for (const auto& [list, length] : lengths) {
    if (length != out.contacts.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the list at ", list, " is shorter than another"));
    }
  }
  return out;
}

// ---- Answers ----------------------------------------------------------------

// Finds the lists of an answer.
class AnswerLearner {
 public:
  AnswerLearner(const std::vector<std::set<std::string>>& marks,
                AnswerTemplate& out)
      : marks_(marks), out_(out) {}

  void FindMarked(const json::Value& value, const std::string& place) {
    AnswerTemplate::Owners owners;
    if ((value.is_array() || value.is_object()) && value.size() > 0 &&
        OwnersOf(value, owners)) {
      out_.lists_.emplace(place, std::move(owners));
      return;
    }
    ForEachChild(value, place, [this](const auto& child, const auto& at) {
      FindMarked(child, at);
    });
  }

  void FindPositional(const json::Value& value, const std::string& place) {
    if (value.is_array() && value.size() == marks_.size()) {
      AnswerTemplate::Owners owners(marks_.size());
      for (size_t i = 0; i < owners.size(); ++i) owners[i] = i;
      out_.lists_.emplace(place, std::move(owners));
      return;
    }
    ForEachChild(value, place, [this](const auto& child, const auto& at) {
      FindPositional(child, at);
    });
  }

 private:
  template <typename F>
  static void ForEachChild(const json::Value& value, const std::string& place,
                           F visit) {
    size_t index = 0;
    for (const json::Value child : value) {
      visit(child, value.is_array() ? absl::StrCat(place, "/", index++)
                                    : absl::StrCat(place, "/", child.key()));
    }
  }

  // Whose each element of a list is. An object is one when its keys are marks.
  bool OwnersOf(const json::Value& value,
                AnswerTemplate::Owners& owners) const {
    for (const json::Value child : value) {
      std::set<size_t> found;
      if (value.is_object()) {
        AddOwners(child.key(), found);
      } else {
        AddAllOwners(child, found);
      }
      if (found.size() != 1) return false;
      owners.push_back(*found.begin());
    }
    return true;
  }

  void AddOwners(absl::string_view text, std::set<size_t>& out) const {
    const std::string lower = Lower(text);
    for (size_t i = 0; i < marks_.size(); ++i) {
      if (marks_[i].count(lower) > 0) out.insert(i);
    }
  }

  void AddAllOwners(const json::Value& value, std::set<size_t>& out) const {
    AddOwners(value.AsText(), out);
    for (const json::Value child : value) {
      AddOwners(child.key(), out);
      AddAllOwners(child, out);
    }
  }

  const std::vector<std::set<std::string>>& marks_;
  AnswerTemplate& out_;
};

AnswerTemplate AnswerTemplate::Learn(
    absl::string_view body, const std::vector<std::set<std::string>>& marks,
    bool positional) {
  AnswerTemplate out;
  out.raw_ = std::string(body);
  absl::StatusOr<json::Document> document = json::Document::Parse(body);
  if (!document.ok()) return out;
  out.document_ = std::make_shared<const json::Document>(*std::move(document));
  AnswerLearner learner(marks, out);
  learner.FindMarked(out.document_->root(), "");
  if (out.lists_.empty() && positional) {
    learner.FindPositional(out.document_->root(), "");
  }
  return out;
}

bool AnswerTemplate::Lists(size_t contact) const {
  return std::any_of(lists_.begin(), lists_.end(), [&](const auto& list) {
    return std::find(list.second.begin(), list.second.end(), contact) !=
           list.second.end();
  });
}

// Writes a copy of an answer.
class AnswerRenderer {
 public:
  AnswerRenderer(const AnswerTemplate& answer,
                 const std::vector<PlayedContact>& contacts, json::Writer& out)
      : answer_(answer), contacts_(contacts), out_(out) {}

  void Write(const json::Value& value, const std::string& place,
             const Replacements& replacements) {
    const auto list = answer_.lists_.find(place);
    if (list != answer_.lists_.end()) {
      WriteList(value, list->second);
    } else if (value.is_array()) {
      out_.StartArray();
      size_t index = 0;
      for (const json::Value child : value) {
        Write(child, absl::StrCat(place, "/", index++), replacements);
      }
      out_.EndArray();
    } else if (value.is_object()) {
      out_.StartObject();
      for (const json::Value child : value) {
        out_.Key(Replaced(child.key(), replacements));
        Write(child, absl::StrCat(place, "/", child.key()), replacements);
      }
      out_.EndObject();
    } else {
      WriteScalar(value, replacements);
    }
  }

 private:
  void WriteList(const json::Value& value,
                 const AnswerTemplate::Owners& owners) {
    const bool array = value.is_array();
    array ? out_.StartArray() : out_.StartObject();
    for (const PlayedContact& contact : contacts_) {
      size_t index = 0;
      for (const json::Value element : value) {
        if (owners[index++] != contact.original) continue;
        if (!array) {
          out_.Key(Replaced(element.key(), contact.replacements));
        }
        // No list is inside another.
        Write(element, "-", contact.replacements);
      }
    }
    array ? out_.EndArray() : out_.EndObject();
  }

  static std::string Replaced(absl::string_view text,
                              const Replacements& replacements) {
    const auto whole = replacements.whole.find(Lower(text));
    if (whole != replacements.whole.end()) return whole->second;
    return absl::StrReplaceAll(text, replacements.parts);
  }

  void WriteScalar(const json::Value& value, const Replacements& replacements) {
    if (!value.is_string() && !value.is_number()) {
      out_.Copy(value);
      return;
    }
    const absl::string_view text = value.AsText();
    const bool amount =
        replacements.amount_keys.count(std::string(value.key())) > 0 &&
        IsAmount(text, replacements.amount);
    const std::string replaced =
        amount ? replacements.new_amount : Replaced(text, replacements);
    if (value.is_number() && json::IsNumber(replaced)) {
      out_.Raw(replaced);
    } else {
      out_.String(replaced);
    }
  }

  static bool IsAmount(absl::string_view text, absl::string_view amount) {
    const std::optional<double> a = json::ParseDouble(text);
    return a.has_value() && a == json::ParseDouble(amount);
  }

  const AnswerTemplate& answer_;
  const std::vector<PlayedContact>& contacts_;
  json::Writer& out_;
};

std::string AnswerTemplate::Render(const std::vector<PlayedContact>& contacts,
                                   const Replacements& common) const {
  if (document_ == nullptr) return raw_;
  json::Writer out;
  AnswerRenderer(*this, contacts, out).Write(document_->root(), "", common);
  return out.Take();
}

}  // namespace enrich::simulator
