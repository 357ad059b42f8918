/* src/load/elf_names.c - the symbols of an ELF file that need not be a title: --symbols. libelf checks that tables lie in the file. */
#include "config.h"

#include <libelf.h>

#include "src/load/load_priv.h"
#include "src/load/symbols.h"

static unsigned take_table(struct image *img, Elf *elf, Elf_Scn *scn, const Elf32_Shdr *sh, enum symbol_from from)
{
	const Elf_Data *data = elf_getdata(scn, NULL);
	size_t count = data && data->d_type == ELF_T_SYM ? data->d_size / sizeof(Elf32_Sym) : 0;
	const Elf32_Sym *sym = count ? data->d_buf : NULL;
	unsigned found = 0;
	for (size_t i = 0; i < count; i++) {
		unsigned type = ELF32_ST_TYPE(sym[i].st_info);
		const char *name = elf_strptr(elf, sh->sh_link, sym[i].st_name);
		if ((type != STT_FUNC && type != STT_OBJECT && type != STT_NOTYPE) || sym[i].st_shndx == SHN_UNDEF || !name ||
			!*name || strlen(name) > SYMBOL_NAME_MAX || sym[i].st_value - img->base >= img->size)
			continue;
		if (type == STT_NOTYPE && sym[i].st_shndx >= SHN_LORESERVE)
			continue;
		uint32_t room = img->size - (sym[i].st_value - img->base);
		found += load_add_symbol(
			img, &(struct image_symbol){ sym[i].st_value, sym[i].st_size < room ? sym[i].st_size : room,
				     type == STT_FUNC || (type == STT_NOTYPE && load_is_code(img, sym[i].st_value)),
				     (uint8_t)from, name });
	}
	return found;
}

unsigned elf_load_names(struct image *img, const uint8_t *bytes, size_t size, enum symbol_from from)
{
	unsigned found = 0;
	if (size < 52 || bytes[4] != ELFCLASS32 || bytes[5] != ELFDATA2MSB)
		return 0;
	elf_version(EV_CURRENT);
	Elf *elf = elf_memory((char *)(uintptr_t)bytes, size);
	for (Elf_Scn *scn = NULL; elf && (scn = elf_nextscn(elf, scn));) {
		const Elf32_Shdr *sh = elf32_getshdr(scn);
		if (sh && sh->sh_type == SHT_SYMTAB)
			found += take_table(img, elf, scn, sh, from);
	}
	elf_end(elf);
	return found;
}
