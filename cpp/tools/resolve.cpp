// Settles inside one relocatable object what the linker would otherwise settle in every application: `resolve FILE`, ELF for
// x86-64. `ld -r` keeps a relocation of 24 bytes and a symbol for each call and each constant, a quarter of the library.
// Distances within a section are known, so they are written down here. A function of another library is called through one
// stub, the only place that names it. Other relocations name the section in place of a local symbol: strip finds it unused.
#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t stub_bytes = 8, stub_room = 2048;  // room: as in merged.ld

class Object {
 public:
  explicit Object(std::vector<char> bytes) : bytes_(std::move(bytes)) {
    const auto& header = records<Elf64_Ehdr>(0, 1)[0];
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_type != ET_REL || header.e_machine != EM_X86_64)
      throw std::runtime_error("expected a relocatable ELF object for x86-64");
    sections_ = records<Elf64_Shdr>(header.e_shoff, header.e_shnum);
    for (const Elf64_Shdr& section : sections_)
      if (section.sh_type == SHT_SYMTAB)
        symbols_ = table<Elf64_Sym>(section), names_ = table<char>(sections_[section.sh_link]);
    for (const Elf64_Sym& symbol : symbols_)
      if (name(symbol) == "convcore_stubs") stubs_ = &symbol;
    if (stubs_ == nullptr) throw std::runtime_error("expected room for stubs, as merged.ld makes it");
  }

  void resolve() {
    for (Elf64_Shdr& section : sections_)
      if (section.sh_type == SHT_RELA) resolve(section);
  }

  const std::vector<char>& bytes() const { return bytes_; }

 private:
  template <class Record>
  std::span<Record> records(std::size_t offset, std::size_t count) {
    if (offset > bytes_.size() || count > (bytes_.size() - offset) / sizeof(Record))
      throw std::runtime_error("the file ends inside a table");
    return {reinterpret_cast<Record*>(bytes_.data() + offset), count};
  }
  template <class Record>
  std::span<Record> table(const Elf64_Shdr& section) {
    return records<Record>(section.sh_offset, section.sh_size / sizeof(Record));
  }
  std::string_view name(const Elf64_Sym& symbol) const { return names_.data() + symbol.st_name; }

  // The settled relocations are gone afterwards; objcopy closes the gap.
  void resolve(Elf64_Shdr& section) {
    const std::span<Elf64_Rela> relocations = table<Elf64_Rela>(section);
    std::size_t kept = 0;
    for (Elf64_Rela relocation : relocations)
      if (!settled(relocation, section.sh_info)) relocations[kept++] = relocation;
    section.sh_size = kept * sizeof(Elf64_Rela);
  }

  // Whether the relocation can go. One that stays may have become another.
  bool settled(Elf64_Rela& relocation, std::uint32_t place) {
    const std::uint32_t type = ELF64_R_TYPE(relocation.r_info);
    const Elf64_Sym& symbol = symbols_[ELF64_R_SYM(relocation.r_info)];
    if (symbol.st_shndx == SHN_UNDEF)
      return type == R_X86_64_PLT32 && place == stubs_->st_shndx && settled_by_stub(relocation, symbol);
    const bool relative = type == R_X86_64_PC32 || type == R_X86_64_PLT32;
    const int kind = ELF64_ST_TYPE(symbol.st_info);
    if ((!relative && type != R_X86_64_64) || ELF64_ST_BIND(symbol.st_info) != STB_LOCAL || kind == STT_TLS ||
        kind == STT_GNU_IFUNC || symbol.st_shndx >= SHN_LORESERVE)
      return false;
    const auto target = static_cast<std::int64_t>(symbol.st_value) + relocation.r_addend;
    if (relative && symbol.st_shndx == place) {
      write_distance(place, relocation.r_offset, target);
      return true;
    }
    for (std::size_t i = 0; i < symbols_.size(); ++i)
      if (ELF64_ST_TYPE(symbols_[i].st_info) == STT_SECTION && symbols_[i].st_shndx == symbol.st_shndx)
        relocation = {relocation.r_offset, ELF64_R_INFO(i, relative ? R_X86_64_PC32 : type), target};
    return false;
  }

  // Calls the stub. The first call of a function makes it, `jmp function`, and leaves its relocation to the stub.
  bool settled_by_stub(Elf64_Rela& relocation, const Elf64_Sym& symbol) {
    if (name(symbol) == "__tls_get_addr") return false;  // the linker knows the sequence of instructions that calls it
    const auto [entry, first] = made_.try_emplace(&symbol, made_.size() * stub_bytes);
    if (entry->second + stub_bytes > stub_room) throw std::runtime_error("expected fewer functions of other libraries");
    const std::uint64_t stub = stubs_->st_value + entry->second;
    write_distance(stubs_->st_shndx, relocation.r_offset, static_cast<std::int64_t>(stub) + relocation.r_addend);
    if (!first) return true;
    records<char>(sections_[stubs_->st_shndx].sh_offset + stub, 1)[0] = static_cast<char>(0xe9);
    relocation = {stub + 1, relocation.r_info, -4};
    return false;
  }

  void write_distance(std::uint32_t place, std::uint64_t offset, std::int64_t target) {
    const std::int64_t distance = target - static_cast<std::int64_t>(offset);
    const auto value = static_cast<std::int32_t>(distance);
    if (distance != value) throw std::runtime_error("a section of more than 2 GB");
    std::memcpy(records<char>(sections_[place].sh_offset + offset, sizeof value).data(), &value, sizeof value);
  }

  std::vector<char> bytes_;
  std::span<Elf64_Shdr> sections_;
  std::span<Elf64_Sym> symbols_;
  std::span<char> names_;
  const Elf64_Sym* stubs_ = nullptr;
  std::map<const Elf64_Sym*, std::size_t> made_;  // external functions, and where in the room their stubs are
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) throw std::runtime_error("expected the name of one file");
  std::ifstream in(argv[1], std::ios::binary);
  Object object({std::istreambuf_iterator<char>(in), {}});
  in.close();
  object.resolve();
  std::ofstream out(argv[1], std::ios::binary);
  out.write(object.bytes().data(), static_cast<std::streamsize>(object.bytes().size()));
  if (!out.flush()) throw std::runtime_error("cannot write it");
} catch (const std::exception& error) {
  std::cerr << "resolve " << (argc > 1 ? argv[1] : "") << ": " << error.what() << '\n';
  return 1;
}
