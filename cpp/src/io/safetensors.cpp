// Reads and writes the container; every number in the header is compared with the bytes that are there.
#include "io/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/json.h"

namespace convcore {

static_assert(std::endian::native == std::endian::little, "tensors are stored in little-endian order");

namespace {

constexpr std::size_t length_bytes = 8;
constexpr std::uint64_t max_header_bytes = 100'000'000;  // the bound that the format's own readers use

struct Word {
  DType dtype;
  const char* word;
};
constexpr Word words[] = {{DType::boolean, "BOOL"}, {DType::u8, "U8"},   {DType::i32, "I32"}, {DType::u32, "U32"},
                          {DType::i64, "I64"},      {DType::f32, "F32"}, {DType::f64, "F64"}, {DType::f16, "F16"},
                          {DType::bf16, "BF16"},    {DType::i8, "I8"},   {DType::i16, "I16"}, {DType::u16, "U16"}};

DType read_dtype(const JsonView& view) {
  for (const Word& word : words)
    if (view.string() == word.word) return word.dtype;
  view.refuse("one of BOOL, U8, I8, I16, U16, I32, U32, I64, F16, BF16, F32, F64");
}

Shape read_shape(const JsonView& view) {
  std::vector<std::int64_t> dims;
  if (view.size() > static_cast<std::size_t>(max_rank)) view.refuse(cat("at most ", max_rank, " dimensions"));
  for (std::size_t i = 0; i < view.size(); ++i) {
    dims.push_back(view[i].integer());
    if (dims.back() < 0) view[i].refuse("a size of at least 0");
  }
  return Shape(std::move(dims));
}

std::int64_t size_in_bytes(const Type& type, const JsonView& view) {
  try {
    return type.bytes();
  } catch (const Error&) {
    view["shape"].refuse("a shape whose size fits into 64 bits");
  }
}

struct Extent {
  std::int64_t begin, end;
  std::string name;
};

TensorBytes read_tensor(const JsonView& view, std::span<const std::byte> data, Extent& extent) {
  view.expect_only({"dtype", "shape", "data_offsets"});
  const Type type{read_dtype(view["dtype"]), read_shape(view["shape"])};
  const JsonView offsets = view["data_offsets"];
  if (offsets.size() != 2) offsets.refuse("two offsets");
  extent.begin = offsets[0].integer(), extent.end = offsets[1].integer();
  if (extent.begin < 0 || extent.end < extent.begin || extent.end > static_cast<std::int64_t>(data.size()))
    throw ModelFormatError(cat(offsets.where(), ": expected a range inside the ", data.size(), " bytes of data, received [",
                               extent.begin, ", ", extent.end, "]"));
  if (extent.end - extent.begin != size_in_bytes(type, view))
    throw ModelFormatError(
        cat(view.where(), ": expected the bytes of ", type.str(), ", received ", extent.end - extent.begin, " bytes"));
  return {type, data.subspan(static_cast<std::size_t>(extent.begin), static_cast<std::size_t>(extent.end - extent.begin))};
}

void expect_no_holes(std::vector<Extent> extents, std::size_t bytes, const std::string& where) {
  std::sort(extents.begin(), extents.end(),
            [](const Extent& a, const Extent& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::int64_t at = 0;
  for (const Extent& extent : extents) {
    if (extent.begin != at)
      throw ModelFormatError(
          cat(where, ": ", json_quoted(extent.name), ": expected to begin at byte ", at, ", received ", extent.begin));
    at = extent.end;
  }
  if (at != static_cast<std::int64_t>(bytes))
    throw ModelFormatError(cat(where, ": expected ", at, " bytes of data, received ", bytes));
}

std::string header_of(const Safetensors& content,
                      const std::vector<const std::pair<const std::string, TensorBytes>*>& order) {
  std::string header = "{";
  if (!content.metadata.empty()) {
    header += "\"__metadata__\":{";
    for (const auto& [key, value] : content.metadata)
      header += cat(header.back() == '{' ? "" : ",", json_quoted(key), ':', json_quoted(value));
    header += '}';
  }
  std::size_t at = 0;
  for (const auto* tensor : order) {
    const auto& [name, bytes] = *tensor;
    const auto word =
        std::find_if(std::begin(words), std::end(words), [&](const Word& w) { return w.dtype == bytes.type.dtype; });
    std::string dims;
    for (const std::int64_t n : bytes.type.shape.dims()) dims += cat(dims.empty() ? "" : ",", n);
    header += cat(header.size() == 1 ? "" : ",", json_quoted(name), ":{\"dtype\":\"", word->word, "\",\"shape\":[", dims,
                  "],\"data_offsets\":[", at, ',', at + bytes.bytes.size(), "]}");
    at += bytes.bytes.size();
  }
  header += '}';
  while ((length_bytes + header.size()) % alignof(double) != 0) header += ' ';
  return header;
}

}  // namespace

Safetensors read_safetensors(std::span<const std::byte> file, const std::string& where) {
  std::uint64_t length = 0;
  if (file.size() < length_bytes)
    throw ModelFormatError(cat(where, ": expected a safetensors file, received ", file.size(), " bytes"));
  std::memcpy(&length, file.data(), length_bytes);
  if (length > max_header_bytes || length > file.size() - length_bytes)
    throw ModelFormatError(
        cat(where, ": expected a header inside the ", file.size(), " bytes of the file, received a length of ", length));
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + length_bytes, static_cast<std::size_t>(length));
  const std::span<const std::byte> data = file.subspan(length_bytes + static_cast<std::size_t>(length));
  const Json json = Json::parse(text, where);
  Safetensors content;
  std::vector<Extent> extents;
  for (const auto& [name, view] : JsonView(json, where).members()) {
    if (name == "__metadata__") {
      for (const auto& [key, text_of_key] : view.members()) content.metadata[key] = text_of_key.string();
      continue;
    }
    extents.push_back({0, 0, name});
    content.tensors.emplace(name, read_tensor(view, data, extents.back()));
  }
  expect_no_holes(std::move(extents), data.size(), where);
  return content;
}

std::vector<std::byte> write_safetensors(const Safetensors& content) {
  std::vector<const std::pair<const std::string, TensorBytes>*> order;
  std::size_t bytes = 0;
  for (const auto& tensor : content.tensors) order.push_back(&tensor), bytes += tensor.second.bytes.size();
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return size_of(a->second.type.dtype) > size_of(b->second.type.dtype);
  });
  const std::string header = header_of(content, order);
  const std::uint64_t length = header.size();
  std::vector<std::byte> file(length_bytes + header.size() + bytes);
  std::memcpy(file.data(), &length, length_bytes);
  std::memcpy(file.data() + length_bytes, header.data(), header.size());
  std::byte* to = file.data() + length_bytes + header.size();
  for (const auto* tensor : order) {
    const std::span<const std::byte> from = tensor->second.bytes;
    if (!from.empty()) std::memcpy(to, from.data(), from.size());
    to += from.size();
  }
  return file;
}

}  // namespace convcore
